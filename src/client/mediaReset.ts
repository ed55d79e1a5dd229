import type { Notice } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import type { Attendance } from './Attendance.ts';
import type { Publisher } from './Publisher.ts';
import type { RoomData } from './RoomData.ts';
import type { Roster } from './Roster.ts';
import type { Subscriber } from './Subscriber.ts';

export interface MediaResetParts {
  attendance: Attendance;
  roster: Roster;
  publisher: Publisher;
  data: RoomData;
  subscriber: Subscriber | undefined;
}

/**
 * The server's media worker has gone, and this visit has its media elsewhere: what is sent and what is received is built
 * again under the same objects. The devices go on, so nobody is asked for a camera.
 */
export async function rebuildMedia(
  { attendance, roster, publisher, data, subscriber }: MediaResetParts,
  { introduced, ...media }: Notice<'mediaReset'>,
): Promise<void> {
  const { session } = attendance;
  if (!session?.media || !subscriber) return;
  const closeFormer = session.media.move(media);
  const { link } = session;
  attendance.mediaLost(new PlenumError('closed', 'The server lost the media of this visit and makes them anew.'));
  const openData = data.interrupt();
  for (const publication of introduced.publications) {
    const participant = introduced.participants.find((each) => each.participantId === publication.participantId);
    if (participant) roster.introduce(participant, publication);
  }
  try {
    // What others wait for first.
    await Promise.all([publisher.rebuild(), subscriber.rebuild(media.subscriptions)]);
    closeFormer();
    if (media.subscriptions.length > 0) await link?.receiving();
    if (session.link === link) await openData();
  } finally {
    closeFormer();
    // It may have gone once more: then that rebuild says when it is done.
    if (session.link === link) attendance.mediaRestored();
  }
}
