import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { exceeds } from '../../../src/room/bandwidthPolicy.ts';
import { all, BandwidthStage, infinity, videos } from '../../support/BandwidthStage.ts';

let stage: BandwidthStage;

beforeEach(() => {
  stage = new BandwidthStage();
});

test('before anything is measured, all is let through', () => {
  stage.bandwidth.update();
  stage.clock.advance(60_000);
  expect(stage.told).toEqual([]);
  expect(stage.allowance).toEqual(all);
  expect(stage.bandwidth.cap).toBeUndefined();
});

test('a moment of shortage holds nothing back', () => {
  stage.measure(2_000_000, 3);
  stage.measure(100_000, 1);
  stage.measure(2_000_000, 60);
  expect(stage.told).toEqual([]);
  expect(stage.clock.pending).toBe(0);
});

test('a shortage that lasts holds back the least important videos, and the others get their lowest size', () => {
  stage.measure(150_000, 2);
  expect(stage.told).toEqual([{ videos: 2, audio: infinity }]);
  expect(stage.bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 2 });
});

test('an estimate that is on its way up is waited for', () => {
  for (const estimate of [50_000, 80_000, 120_000, 180_000, 260_000, 390_000]) stage.measure(estimate, 1);
  expect(stage.told).toEqual([]);
});

test('the worst of connections: no video, and audio is less and less until it fits', () => {
  stage.load = { claims: videos(4), audio: 6 };
  stage.measure(30_000, 6);
  expect(stage.told.map(({ audio }) => audio)).toEqual([5, 4, 3, 2]);
  expect(stage.told.every(({ videos: count }) => count === 0)).toBe(true);
  expect(stage.allowance).toEqual({ videos: 0, audio: 2 });
});

test('what comes back is tried at its lowest rate, and stays when the estimate holds', () => {
  stage.measure(100_000, 3);
  expect(stage.told.at(-1)).toEqual({ videos: 1, audio: infinity });
  stage.measure(190_000, 14);
  expect(stage.told.at(-1)).toEqual({ videos: 2, audio: infinity });
  expect(stage.bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 0 });
  stage.load = { claims: videos(2), audio: 2 };
  stage.measure(190_000, 8);
  expect(stage.allowance).toEqual({ videos: 2, audio: infinity });
  expect(stage.bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 0 });
  const before = stage.told.length;
  stage.measure(190_000, 9);
  expect(stage.bandwidth.cap).toEqual({ spatialLayer: 0, temporalLayer: 2 });
  expect(stage.told.length).toBe(before + 1);
});

test('an estimate that was too low before something came back is given some seconds to grow', () => {
  stage.measure(30_000, 3);
  stage.clock.advance(14_000);
  expect(stage.told.at(-1)?.videos).toBe(1);
  stage.clock.advance(1000);
  expect(stage.limits.at(-1)).toBeGreaterThanOrEqual(300_000);
  stage.bandwidth.measured(30_000);
  stage.clock.advance(2000);
  expect(stage.told.at(-1)?.videos).toBe(1);
  stage.measure(120_000, 3);
  expect(stage.allowance.videos).toBe(1);
});

test('where there is plenty, all comes back without a wait, and then gets all layers', () => {
  stage.measure(30_000, 3);
  expect(stage.told.at(-1)).toEqual({ videos: 0, audio: infinity });
  stage.measure(5_000_000, 3);
  expect(stage.allowance.videos).toBe(4);
  stage.measure(5_000_000, 4);
  expect(stage.allowance).toEqual(all);
  expect(stage.bandwidth.cap).toBeUndefined();
  expect(stage.clock.pending).toBe(0);
});

test('an estimate that stays as it is: one thing is tried and taken back, now and then', () => {
  const tries: number[] = [];
  stage.measure(30_000, 3);
  let second = 0;
  for (; second < 300; second += 1) {
    const before = stage.told.length;
    stage.measure(30_000, 1);
    if (stage.told.slice(before).some(({ videos: count }) => count === 1)) tries.push(second);
  }
  const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(3);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(13);
  // Most of the time nothing is tried.
  expect(stage.allowance.videos).toBe(0);
});

test('what is tried ends as soon as its estimate tells that it was too much', () => {
  stage.measure(30_000, 3);
  stage.clock.advance(14_000);
  expect(stage.told.at(-1)?.videos).toBe(1);
  stage.bandwidth.measured(90_000);
  stage.clock.advance(1400);
  expect(stage.told.at(-1)?.videos).toBe(1);
  stage.bandwidth.measured(40_000);
  stage.clock.advance(200);
  expect(stage.told.at(-1)).toEqual({ videos: 0, audio: infinity });
});

test('what has been measured to be too much is tried again later, whatever is measured until then', () => {
  stage.measure(30_000, 3);
  stage.clock.advance(14_000);
  stage.bandwidth.measured(40_000);
  stage.clock.advance(5000);
  expect(stage.allowance.videos).toBe(0);
  stage.measure(5_000_000, 16);
  expect(stage.allowance.videos).toBe(0);
  stage.measure(5_000_000, 5);
  expect(stage.allowance.videos).toBe(4);
});

test('what is wanted less, or muted, makes room', () => {
  stage.measure(80_000, 2);
  expect(stage.told.at(-1)?.videos).toBe(1);
  stage.load = { claims: videos(1), audio: 2 };
  stage.bandwidth.update();
  stage.clock.advance(60_000);
  expect(stage.allowance.videos).toBe(1);
  stage.load = { claims: videos(1).map((claim) => ({ ...claim, bitrate: 0 })), audio: 2 };
  stage.measure(200_000, 3);
  expect(stage.allowance).toEqual(all);
});

test('audio alone on a good connection is not limited', () => {
  stage.load = { claims: [], audio: 6 };
  stage.measure(1_000_000, 60);
  expect(stage.told).toEqual([]);
});

test('what is tried does not bring more audio with it: its estimate is not proved yet', () => {
  stage.load = { claims: videos(1), audio: 6 };
  stage.measure(30_000, 6);
  expect(stage.allowance).toEqual({ videos: 0, audio: 2 });
  stage.measure(150_000, 4);
  expect(stage.allowance.audio).toBe(2);
});

/** Each video that is tried fails. */
function failToMeasure(): void {
  stage.measure(30_000, 2);
  expect(stage.allowance.videos).toBe(0);
  for (let seconds = 0; stage.floors.length === 0 && seconds < 30; seconds += 1) stage.measure(30_000, 1);
}

test('what is tried flows for a moment where nothing has been measured for long', () => {
  failToMeasure();
  expect(stage.told.filter(({ videos: count }) => count === 1).length).toBe(1);
  expect(stage.floors).toEqual([105_000]);
  stage.clock.advance(2000);
  expect(stage.floors).toEqual([105_000, undefined]);
});

test('nothing is assumed where each estimate is another one', () => {
  for (let second = 0; second < 60; second += 1) stage.measure(30_000 + second, 1);
  expect(stage.told.some(({ videos: count }) => count === 1)).toBe(true);
  expect(stage.floors).toEqual([]);
});

test('nothing is assumed of a connection that is full', () => {
  failToMeasure();
  stage.bandwidth.audioLost(0.5);
  expect(stage.floors).toEqual([105_000, undefined]);
  expect(stage.limits.at(-1)).toBe(30_000);
});

test('nothing is left to do after the close', () => {
  stage.bandwidth.measured(30_000);
  stage.bandwidth.audioLost(1);
  stage.measure(30_000, 3);
  stage.bandwidth.close();
  expect(stage.clock.pending).toBe(0);
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
      stage = new BandwidthStage();
      for (const { estimate, seconds, count, audio } of steps) {
        stage.load = { claims: videos(count), audio };
        stage.bandwidth.update();
        stage.measure(estimate, seconds);
        expect(stage.told.at(-1) ?? all).toEqual(stage.allowance);
        expect(stage.allowance.audio).toBeGreaterThan(0);
      }
      stage.measure(5_000_000, 45);
      expect(exceeds(all, stage.allowance, stage.load)).toBe(false);
      expect(stage.bandwidth.cap).toBeUndefined();
    }),
  );
});
