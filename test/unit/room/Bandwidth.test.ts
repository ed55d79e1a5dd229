import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { Bandwidth } from '../../../src/room/Bandwidth.ts';
import { type Allowance, exceeds, type Load } from '../../../src/room/bandwidthPolicy.ts';
import { FakeClock } from '../../support/FakeClock.ts';

let clock: FakeClock;
let load: Load;
let told: Allowance[];
let limits: (number | undefined)[];
let floors: (number | undefined)[];
let bandwidth: Bandwidth;

const videos = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ publicationId: `v${index}`, bitrate: 70_000 }));
const infinity = Number.POSITIVE_INFINITY;
const all = { videos: infinity, audio: infinity };

beforeEach(() => {
  clock = new FakeClock();
  load = { claims: videos(4), audio: 2 };
  told = [];
  limits = [];
  floors = [];
  bandwidth = new Bandwidth({
    clock,
    load: () => load,
    changed: () => told.push(bandwidth.allowance),
    limitEstimate: (limit) => limits.push(limit),
    floorEstimate: (floor) => floors.push(floor),
  });
});

/** As the worker measures: once a second, and only what video may take. */
function measure(estimate: number, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    bandwidth.measured(estimate);
    clock.advance(1000);
  }
}

test('before anything is measured, all is let through', () => {
  bandwidth.update();
  clock.advance(60_000);
  expect(told).toEqual([]);
  expect(bandwidth.allowance).toEqual(all);
  expect(bandwidth.cap).toBeUndefined();
});

test('a moment of shortage holds nothing back', () => {
  measure(2_000_000, 3);
  measure(100_000, 1);
  measure(2_000_000, 60);
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('a shortage that lasts holds back the least important videos, and the others get their lowest size', () => {
  measure(150_000, 2);
  expect(told).toEqual([{ videos: 2, audio: infinity }]);
  expect(bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 2 });
});

test('an estimate that is on its way up is waited for', () => {
  for (const estimate of [50_000, 80_000, 120_000, 180_000, 260_000, 390_000]) measure(estimate, 1);
  expect(told).toEqual([]);
});

test('the worst of connections: no video, and audio is less and less until it fits', () => {
  load = { claims: videos(4), audio: 6 };
  measure(30_000, 6);
  expect(told.map(({ audio }) => audio)).toEqual([5, 4, 3, 2]);
  expect(told.every(({ videos: count }) => count === 0)).toBe(true);
  expect(bandwidth.allowance).toEqual({ videos: 0, audio: 2 });
});

test('what comes back is tried at its lowest rate, and stays when the estimate holds', () => {
  measure(100_000, 3);
  expect(told.at(-1)).toEqual({ videos: 1, audio: infinity });
  measure(190_000, 14);
  expect(told.at(-1)).toEqual({ videos: 2, audio: infinity });
  expect(bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 0 });
  load = { claims: videos(2), audio: 2 };
  measure(190_000, 8);
  expect(bandwidth.allowance).toEqual({ videos: 2, audio: infinity });
  expect(bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 0 });
  const before = told.length;
  measure(190_000, 9);
  expect(bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 2 });
  expect(told.length).toBe(before + 1);
});

test('an estimate that was too low before something came back is given some seconds to grow', () => {
  measure(30_000, 3);
  clock.advance(14_000);
  expect(told.at(-1)?.videos).toBe(1);
  clock.advance(1000);
  expect(limits.at(-1)).toBeGreaterThanOrEqual(300_000);
  bandwidth.measured(30_000);
  clock.advance(2000);
  expect(told.at(-1)?.videos).toBe(1);
  measure(120_000, 3);
  expect(bandwidth.allowance.videos).toBe(1);
});

test('where there is plenty, all comes back without a wait, and then gets all layers', () => {
  measure(30_000, 3);
  expect(told.at(-1)).toEqual({ videos: 0, audio: infinity });
  measure(5_000_000, 3);
  expect(bandwidth.allowance.videos).toBe(4);
  measure(5_000_000, 4);
  expect(bandwidth.allowance).toEqual(all);
  expect(bandwidth.cap).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('an estimate that stays as it is: one thing is tried and taken back, in longer and longer intervals', () => {
  const tries: number[] = [];
  measure(30_000, 3);
  let second = 0;
  for (; second < 300; second += 1) {
    const before = told.length;
    measure(30_000, 1);
    if (told.slice(before).some(({ videos: count }) => count === 1)) tries.push(second);
  }
  const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(3);
  expect(gaps[0]).toBeGreaterThanOrEqual(15);
  expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(30);
  // Most of the time nothing is tried.
  expect(bandwidth.allowance.videos).toBe(0);
});

test('what is tried ends as soon as its estimate tells that it was too much', () => {
  measure(30_000, 3);
  clock.advance(14_000);
  expect(told.at(-1)?.videos).toBe(1);
  bandwidth.measured(90_000);
  clock.advance(1400);
  expect(told.at(-1)?.videos).toBe(1);
  bandwidth.measured(40_000);
  clock.advance(200);
  expect(told.at(-1)).toEqual({ videos: 0, audio: infinity });
});

test('what is wanted less, or muted, makes room', () => {
  measure(80_000, 2);
  expect(told.at(-1)?.videos).toBe(1);
  load = { claims: videos(1), audio: 2 };
  bandwidth.update();
  clock.advance(60_000);
  expect(bandwidth.allowance.videos).toBe(1);
  load = { claims: videos(1).map((claim) => ({ ...claim, bitrate: 0 })), audio: 2 };
  measure(200_000, 3);
  expect(bandwidth.allowance).toEqual(all);
});

test('audio alone on a good connection is not limited', () => {
  load = { claims: [], audio: 6 };
  measure(1_000_000, 60);
  expect(told).toEqual([]);
});

test('what is tried does not bring more audio with it: its estimate is not proved yet', () => {
  load = { claims: videos(1), audio: 6 };
  measure(30_000, 6);
  expect(bandwidth.allowance).toEqual({ videos: 0, audio: 2 });
  measure(150_000, 4);
  expect(bandwidth.allowance.audio).toBe(2);
});

test('audio that is lost says that an estimate which stands still is blind: it is measured anew, from the lowest', () => {
  load = { claims: videos(4), audio: 4 };
  measure(6_000_000, 5);
  bandwidth.audioLost(0.1);
  expect(limits).toEqual([]);
  bandwidth.audioLost(0.2);
  expect(limits).toEqual([30_000]);
  bandwidth.audioLost(0.5);
  clock.advance(2000);
  expect(limits).toEqual([30_000, 300_000]);
  expect(bandwidth.allowance.videos).toBe(0);
  expect(bandwidth.allowance.audio).toBe(3);
});

test('where the estimate moves, only the worst losses count', () => {
  measure(6_000_000, 5);
  bandwidth.measured(900_000);
  bandwidth.audioLost(0.3);
  expect(limits).toEqual([]);
  bandwidth.audioLost(0.5);
  expect(limits).toEqual([30_000]);
});

test('where the estimate moves, two streams that lose much in one moment count as well', () => {
  measure(6_000_000, 5);
  bandwidth.measured(900_000);
  bandwidth.audioLost(0.2);
  clock.advance(2500);
  bandwidth.measured(800_000);
  bandwidth.audioLost(0.2);
  expect(limits).toEqual([]);
  bandwidth.audioLost(0.2);
  expect(limits).toEqual([30_000]);
});

test('where no video flows nothing is measured, though the estimate moves', () => {
  load = { claims: videos(2), audio: 4 };
  measure(60_000, 3);
  bandwidth.measured(65_000);
  expect(bandwidth.allowance.videos).toBe(0);
  bandwidth.audioLost(0.2);
  expect(limits).toEqual([30_000]);
  measure(30_000, 2);
  expect(bandwidth.allowance.audio).toBe(2);
});

/** Each video that is tried fails. */
function failToMeasure(): void {
  measure(30_000, 2);
  expect(bandwidth.allowance.videos).toBe(0);
  for (let seconds = 0; floors.length === 0 && seconds < 30; seconds += 1) measure(30_000, 1);
}

test('what is tried flows for a moment where nothing has been measured for long', () => {
  failToMeasure();
  expect(told.filter(({ videos: count }) => count === 1).length).toBe(1);
  expect(floors).toEqual([105_000]);
  clock.advance(2000);
  expect(floors).toEqual([105_000, undefined]);
});

test('nothing is assumed where each estimate is another one', () => {
  for (let second = 0; second < 60; second += 1) measure(30_000 + second, 1);
  expect(told.some(({ videos: count }) => count === 1)).toBe(true);
  expect(floors).toEqual([]);
});

test('nothing is assumed of a connection that is full', () => {
  failToMeasure();
  bandwidth.audioLost(0.5);
  expect(floors).toEqual([105_000, undefined]);
  expect(limits.at(-1)).toBe(30_000);
});

test('with the first video it is measured from as few voices as the connection has carried', () => {
  load = { claims: [], audio: 6 };
  bandwidth.audioLost(0.5);
  const { audio } = bandwidth.allowance;
  expect(audio).toBeLessThan(6);
  load = { claims: videos(1), audio: 6 };
  measure(30_000, 2);
  expect(bandwidth.allowance.audio).toBeLessThanOrEqual(audio);
  measure(30_000, 60);
  expect(Math.max(...told.map((each) => each.audio))).toBeLessThanOrEqual(audio + 1);
  measure(3_000_000, 60);
  expect(bandwidth.allowance).toEqual(all);
});

test('where there has never been video, lost audio alone says how many voices there are', () => {
  load = { claims: [], audio: 6 };
  bandwidth.audioLost(0.1);
  expect(told).toEqual([]);
  bandwidth.audioLost(0.3);
  expect(told).toEqual([{ videos: infinity, audio: 3 }]);
  expect(bandwidth.cap).toBeUndefined();
  expect(limits).toEqual([]);
  clock.advance(60_000);
  expect(bandwidth.allowance).toEqual(all);
  expect(clock.pending).toBe(0);
});

test('at twice the need, with everything arriving, nothing is held back', () => {
  measure(1_000_000, 2);
  bandwidth.measured(600_000);
  bandwidth.audioLost(0.05);
  clock.advance(10_000);
  expect(told).toEqual([]);
});

test('congestion holds back all video at once and no audio, and is measured anew; it comes back with the estimate', () => {
  measure(1_500_000, 5);
  bandwidth.measured(480_000);
  bandwidth.congested();
  expect(told).toEqual([{ videos: 0, audio: infinity }]);
  expect(limits).toEqual([30_000]);
  bandwidth.congested();
  expect(limits).toEqual([30_000]);
  clock.advance(2000);
  expect(limits).toEqual([30_000, 300_000]);
  bandwidth.measured(300_000);
  clock.advance(1000);
  expect(limits.at(-1)).toBe(1_200_000);
  measure(1_100_000, 3);
  expect(bandwidth.allowance.videos).toBe(4);
  measure(1_500_000, 5);
  expect(bandwidth.allowance).toEqual(all);
  expect(limits.at(-1)).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('congestion says nothing where no video flows', () => {
  bandwidth.congested();
  load = { claims: [], audio: 6 };
  measure(1_500_000, 2);
  bandwidth.congested();
  expect(told).toEqual([]);
  expect(limits).toEqual([]);
});

test('nothing is left to do after the close', () => {
  bandwidth.measured(30_000);
  bandwidth.audioLost(1);
  measure(30_000, 3);
  bandwidth.close();
  expect(clock.pending).toBe(0);
});

test('whatever is measured: with plenty for a while all comes back, and it is told whenever it changes', () => {
  const step = fc.record({
    estimate: fc.constantFrom(30_000, 60_000, 150_000, 300_000, 1_000_000),
    seconds: fc.nat(20),
    count: fc.nat(5),
    audio: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      clock = new FakeClock();
      let last: Allowance = all;
      bandwidth = new Bandwidth({
        clock,
        load: () => load,
        changed: () => (last = bandwidth.allowance),
        limitEstimate: () => undefined,
        floorEstimate: () => undefined,
      });
      for (const { estimate, seconds, count, audio } of steps) {
        load = { claims: videos(count), audio };
        bandwidth.update();
        measure(estimate, seconds);
        expect(last).toEqual(bandwidth.allowance);
        expect(bandwidth.allowance.audio).toBeGreaterThan(0);
      }
      measure(5_000_000, 15);
      expect(exceeds(all, bandwidth.allowance, load)).toBe(false);
      expect(bandwidth.cap).toBeUndefined();
    }),
  );
});
