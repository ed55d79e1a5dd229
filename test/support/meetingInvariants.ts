import { expect } from 'vitest';
import { layerForTile } from '../../src/room/layers.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { Attendee } from './Attendee.ts';
import type { FakeConsumer, FakeEngine } from './fakeEngine.ts';
import { decodes } from './fakeEngine.ts';
import type { MeetingWorld } from './MeetingWorld.ts';
import type { RoomReplica } from './RoomReplica.ts';

/** What holds at every moment, whatever is under way. */
export function checkAlways({ registry, engine, attendees, logged, limits }: MeetingWorld): void {
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

/** What holds when everything has come to rest, but for what left a view a moment ago. */
export function checkSettled(world: MeetingWorld): void {
  checkAlways(world);
  checkOwners(world);
  for (const attendee of world.present) {
    checkReceived(world, attendee);
    checkReplica(world, attendee);
  }
  checkSameForAll(world);
}

/** What holds when nothing has happened for long. */
export function checkSettledForGood(world: MeetingWorld): void {
  checkSettled(world);
  expect(pipesOf(world.engine), 'pipes that nobody needs').toEqual(pipesWanted(world.engine));
  for (const attendee of world.present) {
    const received = consumersOf(world, attendee).map(({ producer }) => producer.producerId);
    const wanted = wantedBy(world, attendee);
    expect(received.toSorted(), 'what is received is what is wanted').toEqual(wanted);
    for (const { publicationId, kind } of attendee.participant?.publications ?? []) {
      if (kind === 'video') checkDemand(world, attendee, publicationId);
    }
  }
}

/** A publisher knows the highest layer that anybody wants, or that nobody wants any. */
function checkDemand({ engine, failed }: MeetingWorld, { wantedLayers }: Attendee, publicationId: string): void {
  const consumers = engine.consumers.filter(({ producer }) => producer.producerId === publicationId);
  const wanted = Math.max(-1, ...consumers.map(({ layers }) => layers?.spatialLayer ?? -1));
  const told = wantedLayers.get(publicationId) ?? 2;
  // A worker that refused to change layers leaves them other than they are wanted.
  if (failed) expect(told === -1, 'whether anybody watches').toBe(wanted === -1);
  else expect(told, 'the layer that the publisher was told').toBe(wanted);
}

/** Everything that is open belongs to somebody who is there. */
function checkOwners({ engine, registry, present }: MeetingWorld): void {
  const participants = registry.rooms.flatMap(({ participants }) => participants);
  expect(participants.length, 'there are participants without a visitor').toBe(present.length);
  checkRouters(engine, participants);
  const transports = participants.flatMap(({ sendTransport, recvTransport }) => [sendTransport, recvTransport]);
  expect(new Set<unknown>(engine.transports), 'transports').toEqual(new Set<unknown>(transports));
  const producers = participants.flatMap(({ publications }) => publications.map(({ producer }) => producer));
  expect(new Set<unknown>(engine.producers), 'producers').toEqual(new Set<unknown>(producers));
}

/** One router on each worker that is used, each linked with all others, and on them at least the pipes that are needed. */
function checkRouters(engine: FakeEngine, participants: Participant[]): void {
  const { routers, links, places } = engine;
  const used = new Set<unknown>(participants.map(({ router }) => router));
  // A room keeps one while nobody is there.
  if (used.size > 0) expect(new Set<unknown>(routers), 'routers').toEqual(used);
  else expect(routers.length, 'routers without a participant').toBeLessThanOrEqual(1);
  expect(new Set(routers.map(({ workerId }) => workerId)).size, 'two routers on one worker').toBe(routers.length);
  const pairs = links.map(({ routers: [one, other] }) => [one.id, other.id].toSorted().join());
  expect(new Set(pairs).size, 'links made twice').toBe(links.length);
  const together = routers.flatMap((one, index) => routers.slice(index + 1).map((other) => [one.id, other.id]));
  expect(links.length, 'links').toBe(together.length);
  expect(pipesOf(engine), 'pipes').toEqual(expect.arrayContaining(pipesWanted(engine)));
  const taken = [...places.taken.values()].reduce((sum, { size }) => sum + size, 0);
  expect(taken, 'places on workers').toBe(participants.length);
}

function pipesOf({ pipes }: FakeEngine): string[] {
  return pipes.map(({ producerId, to }) => `${producerId} to ${to.id}`).toSorted();
}

function pipesWanted({ consumers }: FakeEngine): string[] {
  const far = consumers.filter(({ producer, transport }) => producer.router !== transport.router);
  return [...new Set(far.map(({ producer, transport }) => `${producer.id} to ${transport.router.id}`))].toSorted();
}

function consumersOf({ engine }: MeetingWorld, { participant }: Attendee): FakeConsumer[] {
  if (!participant) throw new Error('only for those who are there');
  return engine.consumers.filter(({ transport }) => transport === participant.recvTransport);
}

function checkReceived(world: MeetingWorld, attendee: Attendee): void {
  const consumers = consumersOf(world, attendee);
  const received = consumers.map(({ producer }) => producer.producerId);
  const wanted = wantedBy(world, attendee);
  expect(new Set(received).size, 'something is received twice').toBe(received.length);
  // What failed is tried again after a while.
  if (!world.failed) expect(received, 'what is wanted is received').toEqual(expect.arrayContaining(wanted));
  const told = [...attendee.told.keys()];
  expect(told.toSorted(), 'the client knows what it receives').toEqual(consumers.map(({ id }) => id).toSorted());
  // What the worker refused to change stays as it was until it is asked again.
  if (world.failed) return;
  for (const consumer of consumers) {
    if (wanted.includes(consumer.producer.producerId)) checkWanted(attendee, consumer);
    else checkHidden(attendee, consumer);
  }
}

function checkWanted({ told, started, statuses, view }: Attendee, consumer: FakeConsumer): void {
  const { producerId } = consumer.producer;
  const waits = told.get(consumer.id)?.waiting === true && !started.has(consumer.id);
  expect(consumer.paused, 'only what waits for the client is held back').toBe(waits);
  expect(statuses.get(producerId), 'what is wanted is not told to be hidden').not.toBe('hidden');
  if (consumer.kind === 'audio' || view === 'auto') return;
  const entry = view.videos.find(({ publicationId }) => publicationId === producerId);
  if (entry?.priority !== undefined) expect(consumer.priority).toBe(entry.priority);
  expect(consumer.layers).toEqual(entry && layerForTile({ width: 1280, height: 720, spatialLayers: 3 }, entry));
}

function checkHidden({ statuses }: Attendee, consumer: FakeConsumer): void {
  expect(consumer.kind, 'audio is never hidden').toBe('video');
  expect(consumer.paused, 'what is hidden is held back').toBe(true);
  expect(statuses.get(consumer.producer.producerId), 'the client knows what is hidden').toBe('hidden');
}

/** The publications that somebody should receive, sorted; made here without the domain's own code. */
function wantedBy({ published, registry, limits }: MeetingWorld, { participant, view }: Attendee): string[] {
  if (!participant) throw new Error('only for those who are there');
  const inRoom = registry.rooms.flatMap(({ participants }) => participants).toSorted((a, b) => a.visit - b.visit);
  const joined = inRoom.map(({ participantId }) => participantId);
  const all = inRoom.flatMap(({ publications }) => publications);
  const others = all
    .filter(({ participantId }) => participantId !== participant.participantId)
    .map(({ info }) => info)
    .toSorted((a, b) => published.indexOf(a.publicationId) - published.indexOf(b.publicationId));
  const videos = others.filter(({ kind }) => kind === 'video');
  const screens = videos.filter(({ source }) => source === 'screen').toReversed();
  const cameras = joined.flatMap((id) =>
    videos.filter(({ source, participantId }) => source === 'camera' && participantId === id),
  );
  const chosen =
    view === 'auto'
      ? [...screens, ...cameras].slice(0, limits.autoViewVideos)
      : videos.filter((info) => view.videos.some(({ publicationId }) => publicationId === info.publicationId));
  return [...others.filter(({ kind }) => kind === 'audio'), ...chosen]
    .filter(({ codec }) => decodes(participant.capabilities, codec))
    .map(({ publicationId }) => publicationId)
    .toSorted();
}

/** Snapshot and notices give the room as it is: all of it, or what a large room tells and what one receives. */
function checkReplica({ limits }: MeetingWorld, { replica, room, participant: self, told }: Attendee): void {
  if (!replica || !room || !self) throw new Error('somebody is in a room of which nothing was told');
  const av1 = room.participants.every(({ capabilities }) => decodes(capabilities, 'av1'));
  expect(replica.videoCodecs).toEqual(av1 ? ['vp8', 'av1'] : ['vp8']);
  expect(replica.count, 'how many there are').toBe(room.size);
  if (room.size > limits.fullRoster) expect(replica.partial, 'the room is large').toBe(true);
  if (room.size <= limits.fullRoster * 0.9) expect(replica.partial, 'the room is small').toBe(false);

  const received = new Set([...told.values()].map(({ publicationId }) => publicationId));
  const isReceived = ({ publications }: Participant) =>
    publications.some(({ publicationId }) => received.has(publicationId));
  const relevant = room.participants.filter(({ info, publications }) => info.handRaisedAt || publications.length > 0);
  const known = replica.participants;
  const mustKnow = (participant: Participant) => {
    if (!replica.partial || participant === self || isReceived(participant)) return true;
    return relevant.length <= limits.fullRoster && relevant.includes(participant);
  };
  for (const participant of room.participants) {
    const { participantId, info } = participant;
    if (!mustKnow(participant) && !known.has(participantId)) continue;
    expect(mustKnow(participant) || relevant.includes(participant), 'somebody is told without a reason').toBe(true);
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
function checkSameForAll({ present, limits }: MeetingWorld): void {
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
  for (const { replica, told, participant } of present) {
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

/** After everybody has left and the grace has passed. */
export function checkEmpty({ engine, registry, clock }: MeetingWorld): void {
  expect(
    [...engine.places.taken.values()].every(({ size }) => size === 0),
    'places on workers',
  ).toBe(true);
  expect(registry.rooms).toHaveLength(0);
  expect([...engine.open].map(({ id }) => id)).toEqual([]);
  expect(clock.pending, 'timers are left').toBe(0);
}
