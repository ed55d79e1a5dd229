import { beforeEach, expect, test } from 'vitest';
import { all, BandwidthStage, infinity, videos } from '../../support/BandwidthStage.ts';

/** What gets lost says more than an estimate that is blind. */

let stage: BandwidthStage;

beforeEach(() => {
  stage = new BandwidthStage();
});

test('audio that is lost says that an estimate which stands still is blind: it is measured anew, from the lowest', () => {
  stage.load = { claims: videos(4), audio: 4 };
  stage.measure(6_000_000, 5);
  stage.bandwidth.audioLost(0.1);
  expect(stage.limits).toEqual([]);
  stage.bandwidth.audioLost(0.2);
  expect(stage.limits).toEqual([30_000]);
  stage.bandwidth.audioLost(0.5);
  stage.clock.advance(2000);
  expect(stage.limits).toEqual([30_000, 300_000]);
  expect(stage.allowance.videos).toBe(0);
  expect(stage.allowance.audio).toBe(3);
});

test('where the estimate moves, only the worst losses count', () => {
  stage.measure(6_000_000, 5);
  stage.bandwidth.measured(900_000);
  stage.bandwidth.audioLost(0.3);
  expect(stage.limits).toEqual([]);
  stage.bandwidth.audioLost(0.5);
  expect(stage.limits).toEqual([30_000]);
});

test('where the estimate moves, two streams that lose much in one moment count as well', () => {
  stage.measure(6_000_000, 5);
  stage.bandwidth.measured(900_000);
  stage.bandwidth.audioLost(0.2);
  stage.clock.advance(2500);
  stage.bandwidth.measured(800_000);
  stage.bandwidth.audioLost(0.2);
  expect(stage.limits).toEqual([]);
  stage.bandwidth.audioLost(0.2);
  expect(stage.limits).toEqual([30_000]);
});

test('where no video flows nothing is measured, though the estimate moves', () => {
  stage.load = { claims: videos(2), audio: 4 };
  stage.measure(60_000, 3);
  stage.bandwidth.measured(65_000);
  expect(stage.allowance.videos).toBe(0);
  stage.bandwidth.audioLost(0.2);
  expect(stage.limits).toEqual([30_000]);
  stage.measure(30_000, 2);
  expect(stage.allowance.audio).toBe(2);
});

test('with the first video it is measured from as few voices as the connection has carried', () => {
  stage.load = { claims: [], audio: 6 };
  stage.bandwidth.audioLost(0.5);
  const { audio } = stage.allowance;
  expect(audio).toBeLessThan(6);
  stage.load = { claims: videos(1), audio: 6 };
  stage.measure(30_000, 2);
  expect(stage.allowance.audio).toBeLessThanOrEqual(audio);
  stage.measure(30_000, 60);
  expect(Math.max(...stage.told.map((each) => each.audio))).toBeLessThanOrEqual(audio + 1);
  stage.measure(3_000_000, 60);
  expect(stage.allowance).toEqual(all);
});

test('where there has never been video, lost audio alone says how many voices there are', () => {
  stage.load = { claims: [], audio: 6 };
  stage.bandwidth.audioLost(0.1);
  expect(stage.told).toEqual([]);
  stage.bandwidth.audioLost(0.3);
  expect(stage.told).toEqual([{ videos: infinity, audio: 3 }]);
  expect(stage.bandwidth.cap).toBeUndefined();
  expect(stage.limits).toEqual([]);
  stage.clock.advance(60_000);
  expect(stage.allowance).toEqual(all);
  expect(stage.clock.pending).toBe(0);
});

test('at twice the need, with everything arriving, nothing is held back', () => {
  stage.measure(1_000_000, 2);
  stage.bandwidth.measured(600_000);
  stage.bandwidth.audioLost(0.05);
  stage.clock.advance(10_000);
  expect(stage.told).toEqual([]);
});

test('congestion holds back all video at once and no audio, and is measured anew; it comes back with the estimate', () => {
  stage.measure(1_500_000, 5);
  stage.bandwidth.measured(480_000);
  stage.bandwidth.congested();
  expect(stage.told).toEqual([{ videos: 0, audio: infinity }]);
  expect(stage.limits).toEqual([30_000]);
  stage.bandwidth.congested();
  expect(stage.limits).toEqual([30_000]);
  stage.clock.advance(2000);
  expect(stage.limits).toEqual([30_000, 300_000]);
  stage.bandwidth.measured(300_000);
  stage.clock.advance(1000);
  expect(stage.limits.at(-1)).toBe(1_200_000);
  stage.measure(1_100_000, 11);
  expect(stage.allowance.videos, 'what was lost outweighs what a probe says').toBe(0);
  stage.measure(1_100_000, 2);
  expect(stage.allowance.videos).toBe(4);
  stage.measure(1_500_000, 5);
  expect(stage.allowance).toEqual(all);
  expect(stage.limits.at(-1)).toBeUndefined();
  expect(stage.clock.pending).toBe(0);
});

test('congestion says nothing where no video flows', () => {
  stage.bandwidth.congested();
  stage.load = { claims: [], audio: 6 };
  stage.measure(1_500_000, 2);
  stage.bandwidth.congested();
  expect(stage.told).toEqual([]);
  expect(stage.limits).toEqual([]);
});
