import { expect } from 'vitest';
import type { PublicationInfo } from '../../src/protocol/index.ts';
import { layerForTile } from '../../src/room/layers.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { Attendee } from './Attendee.ts';
import type { FakeEngine } from './fakeEngine.ts';
import { decodes } from './fakeEngine.ts';
import type { FakeConsumer } from './fakeStreams.ts';
import type { MeetingWorld } from './MeetingWorld.ts';
import { checkReplica, checkSameForAll } from './replicaInvariants.ts';

/** What holds at every moment, whatever is under way. */
export function checkAlways({ registry, engine, attendees, logged, limits }: MeetingWorld): void {
  for (const room of registry.rooms) {
    expect(room.size, 'the room is over its limit').toBeLessThanOrEqual(limits.maxParticipants);
    const identities = room.participants.map(({ identity }) => identity);
    expect(new Set(identities).size, 'somebody is in the room twice').toBe(identities.length);
    const sources = room.participants.flatMap(({ publications }) => publications.map(({ source }) => source));
    const shared = sources.filter((source) => source === 'screen' || source === 'screen-audio');
    if (room.settings.screenShare === 'moderators') expect(shared, 'nobody may share').toEqual([]);
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
  const what = 'the layer that the publisher was told';
  // A worker that refused to change layers left them, also higher ones than are wanted now: certain is who is watched.
  if (world.failed) expect(told, what).toBeGreaterThanOrEqual(Math.min(wanted, 0));
  // Where bandwidth is short, less may arrive than is wanted.
  else if (world.scarce) expect(told, what).toBeGreaterThanOrEqual(wanted);
  else expect(told, what).toBe(wanted);
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
  return [
    ...new Set(far.map(({ producer, transport }) => `${producer.producerId} to ${transport.router.id}`)),
  ].toSorted();
}

function consumersOf({ engine }: MeetingWorld, { participant }: Attendee): FakeConsumer[] {
  if (!participant) throw new Error('only for those who are there');
  return engine.consumers.filter(({ transport }) => transport === participant.recvTransport);
}

function checkReceived(world: MeetingWorld, attendee: Attendee): void {
  const consumers = consumersOf(world, attendee);
  const received = consumers.map(({ producer }) => producer.producerId);
  expect(new Set(received).size, 'something is received twice').toBe(received.length);
  expect(attendee.awaitsRemoval, 'what has a successor is told to have ended').toBe(false);
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
  const spotlit = attendee.room?.spotlight ?? [];
  const placeOf = ({ participantId }: PublicationInfo) => {
    const publisher = attendee.room?.participants.find((each) => each.participantId === participantId);
    const place = publisher ? spotlit.indexOf(publisher.identity) : -1;
    return place === -1 ? spotlit.length : place;
  };
  const cameras = videos.filter(({ source }) => source === 'camera').toSorted((a, b) => placeOf(a) - placeOf(b));
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
