import { expect, test } from 'vitest';
import { JitterTarget } from '../../../src/client/JitterTarget.ts';
import { videoCounters } from '../../../src/client/videoCounters.ts';

/** A video of 40 packets between looks that are 400 ms apart. */
class Line {
  readonly target = new JitterTarget();
  now = 0;
  counters = { frames: 0, packets: 0, nacks: 0 };

  /** What is asked for after so many looks, of which each has counted so many requests. */
  look(times: number, nacks: number): (number | null)[] {
    return Array.from({ length: times }, () => {
      this.now += 400;
      const { frames, packets, nacks: former } = this.counters;
      this.counters = { frames: frames + 6, packets: packets + 40, nacks: former + nacks };
      return this.target.look(this.counters, this.now);
    });
  }
}

test('a line that loses nothing, or hardly anything, leaves the buffer to the browser', () => {
  const line = new Line();
  expect(line.look(50, 0)).toEqual(Array(50).fill(null));
  for (let index = 0; index < 10; index += 1)
    expect([...line.look(1, 1), ...line.look(7, 0)]).toEqual(Array(8).fill(null));
});

test('videos of a line that loses packets are held back within two seconds, for as long as it does', () => {
  const line = new Line();
  line.look(10, 0);
  expect(line.look(5, 2)).toContain(350);
  expect(line.look(60, 2)).toEqual(Array(60).fill(350));
});

test('half a minute after the last loss that counts, the buffer is as the browser wants it', () => {
  const line = new Line();
  line.look(10, 3);
  expect(line.look(70, 0)).toEqual(Array(70).fill(350));
  expect(line.look(20, 0).at(-1)).toBeNull();
});

test('a single packet is an accident', () => {
  const target = new JitterTarget();
  target.look({ frames: 1, packets: 1, nacks: 0 }, 0);
  expect(target.look({ frames: 1, packets: 9, nacks: 1 }, 400)).toBeNull();
});

test('another track counts anew, and what is not counted changes nothing', () => {
  const line = new Line();
  line.look(10, 2);
  line.counters = { frames: 0, packets: 0, nacks: 0 };
  expect(line.look(1, 0)).toEqual([350]);
  expect(line.target.look(undefined, line.now + 400)).toBe(350);
  expect(line.target.look(undefined, line.now + 40_000)).toBeNull();
  line.now += 40_000;
  line.counters = { frames: 0, packets: 0, nacks: 0 };
  expect(line.look(20, 0)).toEqual(Array(20).fill(null));
});

test('counters are read by track, and of video only', () => {
  const report = new Map<string, object>([
    ['a', { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'voice', packetsReceived: 3 }],
    ['v', { type: 'inbound-rtp', trackIdentifier: 'camera', framesDecoded: 7, packetsReceived: 30, nackCount: 2 }],
    ['w', { type: 'inbound-rtp', trackIdentifier: 'screen', framesDecoded: 1 }],
    ['p', { type: 'candidate-pair', framesDecoded: 9, trackIdentifier: 'no' }],
  ]);
  expect([...videoCounters(report)]).toEqual([
    ['camera', { frames: 7, packets: 30, nacks: 2 }],
    ['screen', { frames: 1, packets: 0, nacks: 0 }],
  ]);
});
