import { expect } from 'vitest';
import type { PublicationInfo } from '../../src/protocol/index.ts';
import { layerForTile } from '../../src/room/layers.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { Attendee } from './Attendee.ts';
import type { FakeEngine } from './fakeEngine.ts';
import { decodes } from './fakeEngine.ts';
import type { FakeConsumer } from './fakeStreams.ts';
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
    const consumers = consumersOf(world, attendee);
    checkView(world, attendee, idsOf(consumers.filter(({ kind }) => kind === 'video')));
    checkHeard(world, attendee, idsOf(consumers.filter(({ kind }) => kind === 'audio')));
  }
  checkDemand(world);
}

/** What holds when nobody has changed a view for some seconds: publishers know the highest layer that anybody wants. */
export function checkDemand(world: MeetingWorld): void {
  for (const publisher of world.present) {
    for (const { publicationId, kind } of publisher.participant?.publications ?? []) {
      if (kind === 'video') checkWantedLayer(world, publisher, publicationId);
    }
  }
}

function checkWantedLayer(world: MeetingWorld, { wantedLayers }: Attendee, publicationId: string): void {
  // Where bandwidth is not short, the worker alone holds back what it cannot send: that is wanted all the same.
  const away = world.scarce ? ['hidden', 'bandwidth', 'muted'] : ['hidden'];
  const watched = world.present.flatMap((attendee) => {
    const consumers = consumersOf(world, attendee).filter(({ producer }) => producer.producerId === publicationId);
    const isAway = away.includes(attendee.statuses.get(publicationId) ?? '');
    return isAway ? [] : consumers.map(({ layers }) => layers?.spatialLayer ?? -1);
  });
  const told = wantedLayers.get(publicationId) ?? 2;
  const wanted = Math.max(-1, ...watched);
  // Where bandwidth is short, less may arrive than is wanted; and a worker that refused to change layers left them.
  if (world.failed || world.scarce)
    expect(told, 'the layer that the publisher was told').toBeGreaterThanOrEqual(wanted);
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
  expect(new Set(received).size, 'something is received twice').toBe(received.length);
  const told = [...attendee.told.keys()];
  expect(told.toSorted(), 'the client knows what it receives').toEqual(consumers.map(({ id }) => id).toSorted());
  // What failed is tried again after a while; what the worker refused to change stays as it was until it is asked again.
  if (world.failed) return;
  const videos = consumers.filter(({ kind }) => kind === 'video');
  const kept = videos.filter(({ producer }) => attendee.statuses.get(producer.producerId) === 'hidden');
  for (const consumer of kept) expect(consumer.paused, 'what is hidden is held back').toBe(true);
  const shown = videos.filter((consumer) => !kept.includes(consumer));
  for (const consumer of shown) checkShown(attendee, consumer, world.scarce);
  checkView(world, attendee, idsOf(shown));
  checkAudio(
    world,
    attendee,
    consumers.filter(({ kind }) => kind === 'audio'),
  );
}

function idsOf(consumers: readonly FakeConsumer[]): string[] {
  return consumers.map(({ producer }) => producer.producerId).toSorted();
}

function checkShown({ told, started, view }: Attendee, consumer: FakeConsumer, scarce: boolean): void {
  const waits = told.get(consumer.id)?.waiting === true && !started.has(consumer.id);
  if (scarce && consumer.paused) return;
  expect(consumer.paused, 'only what waits for the client is held back').toBe(waits);
  if (view === 'auto' || scarce) return;
  const entry = view.videos.find(({ publicationId }) => publicationId === consumer.producer.producerId);
  if (entry?.priority !== undefined) expect(consumer.priority).toBe(entry.priority);
  expect(consumer.layers).toEqual(entry && layerForTile({ width: 1280, height: 720, spatialLayers: 3 }, entry));
}

/** What the others publish of that kind; first by who joined first. */
function othersOf({ registry }: MeetingWorld, { participant }: Attendee, kind: 'audio' | 'video'): PublicationInfo[] {
  if (!participant) throw new Error('only for those who are there');
  const inRoom = registry.rooms.flatMap(({ participants }) => participants).toSorted((a, b) => a.visit - b.visit);
  const others = inRoom.filter((each) => each !== participant).flatMap(({ publications }) => publications);
  return others.map(({ info }) => info).filter((info) => info.kind === kind);
}

/** The view is made here without the domain's own code. */
function checkView(world: MeetingWorld, attendee: Attendee, shown: string[]): void {
  const { view, participant } = attendee;
  const videos = othersOf(world, attendee, 'video');
  const at = ({ publicationId }: PublicationInfo) => world.published.indexOf(publicationId);
  const screens = videos.filter(({ source }) => source === 'screen').toSorted((a, b) => at(b) - at(a));
  const cameras = videos.filter(({ source }) => source === 'camera');
  const { autoViewVideos } = world.limits;
  const wanted =
    view === 'auto'
      ? [...screens, ...cameras].slice(0, autoViewVideos)
      : videos.filter((info) => view.videos.some(({ publicationId }) => publicationId === info.publicationId));
  const decoded = wanted.filter(({ codec }) => participant && decodes(participant.capabilities, codec));
  const ids = (list: PublicationInfo[]) => list.map(({ publicationId }) => publicationId).toSorted();
  if (view !== 'auto' || world.spoke.size === 0) {
    expect(shown, 'what is wanted is received').toEqual(ids(decoded));
    return;
  }
  // Which cameras depends on who spoke when; screens come first all the same.
  const first = decoded.filter(({ source }) => source === 'screen');
  expect(shown, 'screens are received').toEqual(expect.arrayContaining(ids(first)));
  expect(shown.length, 'not too many are received').toBeLessThanOrEqual(autoViewVideos);
}

function checkAudio(world: MeetingWorld, attendee: Attendee, consumers: FakeConsumer[]): void {
  const { audioSpeakers } = world.limits;
  const heard = consumers.filter(({ paused }) => !paused);
  const kept = consumers.filter(({ paused }) => paused);
  for (const { producer } of kept) {
    const status = attendee.statuses.get(producer.producerId);
    expect(['inaudible', 'muted'], 'the client knows what is held back').toContain(status);
  }
  expect(kept.length, 'too many are kept').toBeLessThanOrEqual(2 * audioSpeakers);
  checkHeard(world, attendee, idsOf(heard));
}

function checkHeard(world: MeetingWorld, attendee: Attendee, heard: string[]): void {
  const { audioSpeakers } = world.limits;
  const others = othersOf(world, attendee, 'audio');
  const own = attendee.participant?.publications.filter(({ kind }) => kind === 'audio') ?? [];
  if (world.scarce) {
    if (others.some(({ muted }) => !muted)) expect(heard.length, 'somebody is heard').toBeGreaterThan(0);
    return;
  }
  if (others.length + own.length <= audioSpeakers + 2) {
    const all = others.map(({ publicationId }) => publicationId).toSorted();
    expect(heard, 'all are heard').toEqual(all);
    return;
  }
  const open = others.filter(({ muted }) => !muted).map(({ publicationId }) => publicationId);
  expect(open, 'those who are heard are there and not muted').toEqual(expect.arrayContaining(heard));
  expect(heard.length, 'as many are heard as may be').toBe(Math.min(audioSpeakers, open.length));
}

/** Snapshot and notices give the room as it is: all of it, or what a large room tells and what one receives. */
function checkReplica({ limits, spoke }: MeetingWorld, { replica, room, participant: self, told }: Attendee): void {
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
