import { expect } from 'vitest';
import type { Participant } from '../../src/room/Participant.ts';
import type { Attendee } from './Attendee.ts';
import { decodes } from './fakeEngine.ts';
import type { MeetingWorld } from './MeetingWorld.ts';
import type { RoomReplica } from './RoomReplica.ts';

/** Snapshot and notices give the room as it is: all of it, or what a large room tells and what one receives. */
export function checkReplica(
  { limits, spoke }: MeetingWorld,
  { replica, room, participant: self, told }: Attendee,
): void {
  if (!replica || !room || !self) throw new Error('somebody is in a room of which nothing was told');
  const av1 = room.participants.every(({ capabilities }) => decodes(capabilities, 'av1'));
  expect(replica.videoCodecs).toEqual(av1 ? ['vp8', 'av1'] : ['vp8']);
  expect(replica.count, 'how many there are').toBe(room.size);
  expect(replica.terms, 'what holds').toEqual({ settings: room.settings, spotlight: room.spotlight });
  if (room.size > limits.fullRoster) expect(replica.partial, 'the room is large').toBe(true);
  if (room.size <= limits.fullRoster * 0.9) expect(replica.partial, 'the room is small').toBe(false);

  const received = new Set([...told.values()].map(({ publicationId }) => publicationId));
  const isReceived = ({ publications }: Participant) =>
    publications.some(({ publicationId }) => received.has(publicationId));
  const relevant = room.participants.filter(
    ({ info, publications, identity }) =>
      info.handRaisedAt || publications.length > 0 || room.spotlight.includes(identity),
  );
  // Who spoke may take a place even without anything else to see.
  const crowd = room.participants.filter((each) => relevant.includes(each) || spoke.has(each.participantId));
  const known = replica.participants;
  const mustKnow = (participant: Participant) => {
    if (!replica.partial || participant === self || isReceived(participant)) return true;
    return crowd.length <= limits.fullRoster && relevant.includes(participant);
  };
  for (const participant of room.participants) {
    const { participantId, info } = participant;
    if (!mustKnow(participant) && !known.has(participantId)) continue;
    const may = mustKnow(participant) || relevant.includes(participant) || spoke.has(participantId);
    expect(may, 'somebody is told without a reason').toBe(true);
    // Of whom one does not receive anything, a large room does not say how well they are connected.
    const said = !replica.partial || participant === self || isReceived(participant);
    const expected = said ? plain(info) : { ...plain(info), connection: expect.any(String) };
    expect(known.get(participantId), 'somebody as the room is').toEqual(expected);
    known.delete(participantId);
  }
  expect([...known.keys()], 'people who are gone').toEqual([]);
  checkPublications(replica, room.participants, self, received);
}

/** Of a participant who is known, everything that is published is known, or at least what is received. */
function checkPublications(
  replica: RoomReplica,
  participants: readonly Participant[],
  self: Participant,
  received: ReadonlySet<string>,
): void {
  const known = replica.publications;
  for (const { participantId, publications } of participants) {
    if (participantId === self.participantId) continue;
    const all = publications.map(({ info }) => plain(info));
    const here = all.filter(({ publicationId }) => known.has(publicationId));
    const must = replica.partial ? all.filter(({ publicationId }) => received.has(publicationId)) : all;
    const whole = here.length === all.length || here.length === must.length;
    expect(whole, 'of a participant some is known that is not received').toBe(true);
    for (const info of [...must, ...here]) expect(known.get(info.publicationId), 'a publication').toEqual(info);
    for (const { publicationId } of here) known.delete(publicationId);
  }
  expect([...known.keys()], 'publications that are gone').toEqual([]);
}

/** In a large room all are told of the same people, besides oneself and whom one receives. */
export function checkSameForAll({ present, limits }: MeetingWorld): void {
  const people = present.flatMap(({ room }) => room?.participants ?? []);
  for (const { participantId, publications } of new Set(people)) {
    const ids = publications.map(({ publicationId }) => publicationId);
    const strangers = present.filter(
      ({ participant, told }) =>
        participant?.participantId !== participantId &&
        ![...told.values()].some(({ publicationId }) => ids.includes(publicationId)),
    );
    const knowing = strangers.filter(({ replica }) => replica?.participants.has(participantId));
    expect([0, strangers.length], 'some are told of somebody and others are not').toContain(knowing.length);
  }
  const [first] = present;
  for (const { replica, told, participant } of present) {
    expect(replica?.speakers, 'all hear the same of who speaks').toEqual(first?.replica?.speakers);
    if (!replica?.partial) continue;
    const received = new Set([...told.values()].map((each) => each.participantId));
    const shown = [...replica.participants.keys()].filter(
      (id) => id !== participant?.participantId && !received.has(id),
    );
    expect(shown.length, 'more are shown than the limit').toBeLessThanOrEqual(limits.fullRoster);
  }
}

function plain<T>(info: T): T {
  return structuredClone(info);
}
