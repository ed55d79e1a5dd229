import { expect } from 'vitest';
import { layerForTile } from '../../src/room/layers.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { Attendee } from './Attendee.ts';
import type { FakeConsumer } from './fakeEngine.ts';
import { decodes } from './fakeEngine.ts';
import { limits, type MeetingWorld } from './MeetingWorld.ts';

/** What holds at every moment, whatever is under way. */
export function checkAlways({ registry, engine, attendees, logged }: MeetingWorld): void {
  for (const room of registry.rooms) {
    expect(room.size, 'the room is over its limit').toBeLessThanOrEqual(limits.maxParticipants);
    const identities = room.participants.map(({ identity }) => identity);
    expect(new Set(identities).size, 'somebody is in the room twice').toBe(identities.length);
  }
  attendees.forEach(({ identity, link }, index) => {
    const later = attendees.slice(index + 1).some((other) => other.identity === identity);
    const replaced = link.all('removed').some(({ reason }) => reason === 'replaced');
    expect(!replaced || later, 'an earlier visit replaced a later one').toBe(true);
  });
  expect(engine.problems).toEqual([]);
  expect(attendees.flatMap(({ problems }) => problems)).toEqual([]);
  expect(logged, 'what nobody is to blame for is no warning').toEqual([]);
}

/** What holds when everything has come to rest. */
export function checkSettled(world: MeetingWorld): void {
  checkAlways(world);
  checkOwners(world);
  for (const attendee of world.present) {
    checkReceived(world, attendee);
    checkReplica(attendee);
  }
}

/** Everything that is open belongs to somebody who is there. */
function checkOwners({ engine, registry, present }: MeetingWorld): void {
  const participants = registry.rooms.flatMap(({ participants }) => participants);
  expect(participants.length, 'there are participants without a visitor').toBe(present.length);
  expect(engine.routers.length, 'routers without a room').toBeLessThanOrEqual(registry.rooms.length);
  const transports = participants.flatMap(({ sendTransport, recvTransport }) => [sendTransport, recvTransport]);
  expect(new Set<unknown>(engine.transports), 'transports').toEqual(new Set<unknown>(transports));
  const producers = participants.flatMap(({ publications }) => publications.map(({ producer }) => producer));
  expect(new Set<unknown>(engine.producers), 'producers').toEqual(new Set<unknown>(producers));
}

function checkReceived(world: MeetingWorld, attendee: Attendee): void {
  const { participant } = attendee;
  if (!participant) throw new Error('only for those who are there');
  const consumers = world.engine.consumers.filter(({ transport }) => transport === participant.recvTransport);
  const received = consumers.map(({ producer }) => producer.producerId);
  expect(received.toSorted(), 'what is received is what is wanted').toEqual(wantedBy(world, participant, attendee));
  const told = [...attendee.told.keys()];
  expect(told.toSorted(), 'the client knows what it receives').toEqual(consumers.map(({ id }) => id).toSorted());
  // What the worker refused to change stays as it was until it is asked again.
  if (!world.failed) for (const consumer of consumers) checkConsumer(attendee, consumer);
}

function checkConsumer({ told, started, view }: Attendee, consumer: FakeConsumer): void {
  const waits = told.get(consumer.id)?.waiting === true && !started.has(consumer.id);
  expect(consumer.paused, 'only what waits for the client is held back').toBe(waits);
  if (consumer.kind === 'audio' || view === 'auto') return;
  const entry = view.videos.find(({ publicationId }) => publicationId === consumer.producer.producerId);
  expect(consumer.priority).toBe(entry?.priority);
  expect(consumer.layers).toEqual(entry && layerForTile({ width: 1280, height: 720, spatialLayers: 3 }, entry));
}

/** The publications that somebody should receive, sorted; made here without the domain's own code. */
function wantedBy({ published, registry }: MeetingWorld, participant: Participant, { view }: Attendee): string[] {
  const all = registry.rooms.flatMap(({ participants }) => participants).flatMap(({ publications }) => publications);
  const others = all
    .filter(({ participantId }) => participantId !== participant.participantId)
    .map(({ info }) => info)
    .toSorted((a, b) => published.indexOf(a.publicationId) - published.indexOf(b.publicationId));
  const videos = others.filter(({ kind }) => kind === 'video');
  const screens = videos.filter(({ source }) => source === 'screen').toReversed();
  const cameras = videos.filter(({ source }) => source === 'camera');
  const chosen =
    view === 'auto'
      ? [...screens, ...cameras].slice(0, limits.autoViewVideos)
      : videos.filter((info) => view.videos.some(({ publicationId }) => publicationId === info.publicationId));
  return [...others.filter(({ kind }) => kind === 'audio'), ...chosen]
    .filter(({ codec }) => decodes(participant.capabilities, codec))
    .map(({ publicationId }) => publicationId)
    .toSorted();
}

/** Snapshot and deltas give exactly the room as it is. */
function checkReplica({ replica, room }: Attendee): void {
  if (!replica || !room) throw new Error('somebody is in a room of which nothing was told');
  const participants = room.participants.map(({ info }) => info);
  const publications = room.participants.flatMap((each) => each.publications.map(({ info }) => info));
  const byId = <T>(list: T[], id: (info: T) => string) => new Map(list.map((info) => [id(info), plain(info)]));
  expect(replica.participants).toEqual(byId(participants, ({ participantId }) => participantId));
  expect(replica.publications).toEqual(byId(publications, ({ publicationId }) => publicationId));
  const av1 = room.participants.every(({ capabilities }) => decodes(capabilities, 'av1'));
  expect(replica.videoCodecs).toEqual(av1 ? ['vp8', 'av1'] : ['vp8']);
}

function plain<T>(info: T): T {
  return structuredClone(info);
}

/** After everybody has left and the grace has passed. */
export function checkEmpty({ engine, registry, clock }: MeetingWorld): void {
  expect(registry.rooms).toHaveLength(0);
  expect([...engine.open].map(({ id }) => id)).toEqual([]);
  expect(clock.pending, 'timers are left').toBe(0);
}
