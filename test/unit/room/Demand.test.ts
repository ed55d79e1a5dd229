import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Demand } from '../../../src/room/Demand.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

describe('what a publisher is told', () => {
  let clock: FakeClock;
  let told: number[];
  let demand: Demand;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    demand = new Demand({ clock, holdMs: 3000, tell: (_publicationId, layer) => told.push(layer) });
    demand.published('v', 3);
  });

  test('that nobody watches, some time after it has published', () => {
    clock.advance(2999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([-1]);
  });

  test('nothing where somebody wants all of it before that', () => {
    clock.advance(1000);
    demand.changed('v', undefined, 2);
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('more at once, less after a while', () => {
    clock.advance(3000);
    demand.changed('v', undefined, 0);
    expect(told).toEqual([-1, 0]);
    demand.changed('v', undefined, 2);
    expect(told).toEqual([-1, 0, 2]);
    demand.changed('v', 2, undefined);
    clock.advance(2999);
    expect(told).toEqual([-1, 0, 2]);
    clock.advance(1);
    expect(told).toEqual([-1, 0, 2, 0]);
  });

  test('nothing of what was given up and wanted again within that while', () => {
    demand.changed('v', undefined, 2);
    for (let round = 0; round < 20; round += 1) {
      demand.changed('v', 2, undefined);
      clock.advance(1000);
      demand.changed('v', undefined, 2);
      clock.advance(1000);
    }
    expect(told).toEqual([]);
  });

  test('the highest of what its watchers want', () => {
    demand.changed('v', undefined, 1);
    demand.changed('v', undefined, 1);
    demand.changed('v', undefined, 0);
    clock.advance(3000);
    demand.changed('v', 1, undefined);
    clock.advance(3000);
    expect(told).toEqual([1]);
    demand.changed('v', 1, 0);
    clock.advance(3000);
    expect(told).toEqual([1, 0]);
  });

  test('nothing any more when it is gone', () => {
    demand.changed('v', undefined, 2);
    demand.unpublished('v');
    demand.changed('v', 2, undefined);
    clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('in the end, exactly what is wanted; in between never less than that', () => {
    const layer = fc.option(fc.nat(2), { nil: undefined });
    const step = fc.record({ who: fc.nat(3), layer, wait: fc.constantFrom(0, 100, 2999, 3000) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const time = new FakeClock();
        let last = 2;
        const watched = new Demand({ clock: time, holdMs: 3000, tell: (_id, now) => (last = now) });
        watched.published('v', 3);
        const wants = new Map<number, number | undefined>();
        const wanted = () => Math.max(-1, ...[...wants.values()].map((want) => want ?? -1));
        for (const { who, layer: now, wait } of steps) {
          watched.changed('v', wants.get(who), now);
          wants.set(who, now);
          expect(last).toBeGreaterThanOrEqual(wanted());
          time.advance(wait);
          expect(last).toBeGreaterThanOrEqual(wanted());
        }
        time.advance(3000);
        expect(last).toBe(wanted());
      }),
    );
  });
});

describe('in a room', () => {
  const told = ({ link }: Awaited<ReturnType<Lobby['join']>>) =>
    link.all('wantedLayers').flatMap(({ publications }) => publications.map(({ maxSpatialLayer }) => maxSpatialLayer));

  test('a publisher alone is told that nobody watches, and of those who come, look away and leave', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    const { publicationId } = await ada.participant.publish(camera());
    await ada.participant.publish(microphone());
    lobby.clock.advance(3000);
    expect(told(ada)).toEqual([-1]);
    const view = (width: number) => ({ videos: [{ publicationId, width, height: 1 }] });
    const bob = await lobby.join('bob', { view: view(640) });
    expect(told(ada)).toEqual([-1, 1]);
    const cyd = await lobby.join('cyd');
    expect(told(ada)).toEqual([-1, 1, 2]);
    // What is hidden is not watched, though it is kept for coming back.
    cyd.room.setView(cyd.participant, { version: 1, view: { videos: [] } });
    lobby.clock.advance(3000);
    expect(told(ada)).toEqual([-1, 1, 2, 1]);
    cyd.room.setView(cyd.participant, { version: 2, view: view(320) });
    bob.participant.close('left');
    lobby.clock.advance(3000);
    expect(told(ada)).toEqual([-1, 1, 2, 1, 0]);
    cyd.participant.close('left');
    lobby.clock.advance(3000);
    expect(told(ada)).toEqual([-1, 1, 2, 1, 0, -1]);
  });

  test('whoever cannot decode it does not watch it', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    await lobby.join('bob', { recvRtpCapabilities: {} });
    await ada.participant.publish(camera());
    await settled();
    lobby.clock.advance(3000);
    expect(told(ada)).toEqual([-1]);
  });

  test('a first view that is being made counts: the picture is under way before the join is answered', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    await ada.participant.publish(camera());
    lobby.clock.advance(3000);
    lobby.hold(/consume/);
    const joining = lobby.join('bob');
    await settled();
    expect(told(ada)).toEqual([-1, 2]);
    await lobby.release();
    await joining;
  });

  test('what is muted is wanted all the same: a picture is due the moment it is unmuted', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    await lobby.join('bob');
    const { publicationId } = await ada.participant.publish(camera());
    await settled();
    await ada.participant.updatePublication({ requestId: 'm', publicationId, muted: true });
    lobby.clock.advance(60_000);
    expect(told(ada)).toEqual([]);
  });

  test('nobody is told anything where it is switched off', async () => {
    const lobby = new Lobby({ dynacast: false });
    const ada = await lobby.join('ada');
    await ada.participant.publish(camera());
    lobby.clock.advance(60_000);
    expect(told(ada)).toEqual([]);
  });
});
