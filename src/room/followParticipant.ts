import type { Activity } from './Activity.ts';
import type { Meeting } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import type { Receivers } from './Receivers.ts';
import type { Recovery } from './Recovery.ts';
import type { RoomRoster } from './RoomRoster.ts';

export interface Followers {
  roster: RoomRoster;
  receivers: Receivers;
  recovery: Recovery;
  activity: Activity;
  meeting: Meeting;
}

/** Passes on what a participant does to the parts of the room that have to know. */
export function followParticipant(
  participant: Participant,
  { roster, receivers, recovery, activity, meeting }: Followers,
): void {
  participant.on('published', (publication) => {
    roster.published(publication);
    receivers.published(publication);
    meeting.published(participant, publication);
  });
  participant.on('unpublished', (publication) => {
    roster.unpublished(publication);
    receivers.unpublished([publication]);
    meeting.unpublished(participant, publication);
  });
  participant.on('publicationChanged', (publication) => {
    roster.publicationChanged(publication);
    receivers.changed(publication);
  });
  participant.on('restored', (publication) => {
    recovery.restored(participant);
    receivers.restored(publication);
  });
  participant.on('resized', (publication) => receivers.resized(publication));
  participant.on('changed', () => roster.changed(participant));
  participant.on('grantsChanged', () => receivers.update(participant));
  participant.on('qualityChanged', () => {
    roster.refresh(participant);
    if (!participant.hidden) activity.qualityChanged(participant);
  });
}
