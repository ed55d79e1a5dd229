import type { RoomSession } from '../room/Meeting.ts';
import type { Participant } from '../room/Participant.ts';
import type { Publication } from '../room/Publication.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import type { Webhooks } from './Webhooks.ts';

/** A media worker that has ended by itself. */
export interface WorkerDeath {
  index: number;
  pid: number;
  ageMs: number;
  participants: number;
}

/** No room has it as its name: events of workers do not wait for those of rooms. */
const workersLane = '';

/** Turns what happens in rooms into webhooks. */
export function reportMeetings(registry: Pick<RoomRegistry, 'on'>, webhooks: Pick<Webhooks, 'tell'>): void {
  registry.on('roomStarted', (session) =>
    webhooks.tell('room.started', session.name, { room: roomOf(session), startedAt: session.startedAt }),
  );
  registry.on('roomEnded', (session, end) => {
    const { name, startedAt } = session;
    webhooks.tell('room.ended', name, { room: roomOf(session), startedAt, ...end });
  });
  registry.on('participantJoined', (session, participant) =>
    webhooks.tell('participant.joined', session.name, { room: roomOf(session), participant: guestOf(participant) }),
  );
  registry.on('participantLeft', (session, participant, end) =>
    webhooks.tell('participant.left', session.name, {
      room: roomOf(session),
      participant: guestOf(participant),
      ...end,
    }),
  );
  registry.on('knocked', (session, { identity, displayName, since }) =>
    webhooks.tell('lobby.knock', session.name, {
      room: roomOf(session),
      knock: { identity, displayName },
      at: since,
    }),
  );
  registry.on('publicationStarted', (session, participant, publication) =>
    webhooks.tell('publication.started', session.name, {
      room: roomOf(session),
      participant: personOf(participant),
      publication: trackOf(publication),
    }),
  );
  registry.on('publicationEnded', (session, participant, publication, end) =>
    webhooks.tell('publication.ended', session.name, {
      room: roomOf(session),
      participant: personOf(participant),
      publication: trackOf(publication),
      ...end,
    }),
  );
}

export function reportWorkerDeath({ index, pid, ageMs, participants }: WorkerDeath, webhooks: Pick<Webhooks, 'tell'>) {
  const uptimeMs = Math.round(ageMs);
  webhooks.tell('worker.died', workersLane, { worker: { index, pid }, uptimeMs, participants });
}

function roomOf({ name, sessionId }: Pick<RoomSession, 'name' | 'sessionId'>) {
  return { name, sessionId };
}

function personOf({ participantId, identity }: Participant) {
  return { participantId, identity };
}

function guestOf(participant: Participant) {
  const { displayName, joinedAt } = participant.info;
  return { ...personOf(participant), displayName, hidden: participant.hidden, joinedAt };
}

function trackOf(publication: Publication) {
  const { publicationId, source, kind, codec } = publication.info;
  return { publicationId, source, kind, codec };
}
