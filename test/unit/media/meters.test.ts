import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CpuMeter } from '../../../src/media/CpuMeter.ts';
import { linkPorts } from '../../../src/media/listen.ts';
import { PacketMeter } from '../../../src/media/PacketMeter.ts';

describe('what a worker takes of a core', () => {
  const usage = (ms: number) => ({ ru_utime: ms * 0.75, ru_stime: ms * 0.25 });

  /** A worker that has used so much of its time as the list says, one entry for each time it is asked. */
  function meterOf(used: (number | Promise<never>)[], clock: { now: number }): CpuMeter {
    const worker = {
      getResourceUsage: async () => {
        const next = await used.shift();
        if (next === undefined) throw new Error('the worker is gone');
        return { ...allZero, ...usage(next) };
      },
    };
    return new CpuMeter(worker, () => clock.now);
  }

  async function sampleEachSecond(meter: CpuMeter, clock: { now: number }, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      await meter.sample();
      clock.now += 1000;
    }
  }

  test('is its CPU time by the time that went by, over the last samples', async () => {
    const clock = { now: 0 };
    const meter = meterOf([5000, 5500, 6000, 6500, 7000, 7000, 7000, 7000, 7000], clock);
    expect(meter.share).toBe(0);
    await sampleEachSecond(meter, clock, 5);
    expect(meter.share).toBeCloseTo(0.5);
    expect(meter.seconds).toBeCloseTo(7);
    await sampleEachSecond(meter, clock, 2);
    expect(meter.share).toBeCloseTo(0.25);
    await sampleEachSecond(meter, clock, 2);
    expect(meter.share).toBe(0);
    // One that is gone says nothing more, and nothing fails for it.
    await sampleEachSecond(meter, clock, 2);
    expect(meter.seconds).toBeCloseTo(7);
  });

  test('is not known of one that does not answer, which is told after three seconds', async () => {
    const clock = { now: 0 };
    const meter = meterOf([1000, new Promise<never>(() => undefined)], clock);
    await sampleEachSecond(meter, clock, 1);
    expect(meter.stalled).toBe(false);
    void meter.sample();
    clock.now += 3000;
    expect(meter.stalled).toBe(false);
    clock.now += 1;
    expect(meter.stalled).toBe(true);
  });
});

const allZero = {
  ru_utime: 0,
  ru_stime: 0,
  ru_maxrss: 0,
  ru_ixrss: 0,
  ru_idrss: 0,
  ru_isrss: 0,
  ru_minflt: 0,
  ru_majflt: 0,
  ru_nswap: 0,
  ru_inblock: 0,
  ru_oublock: 0,
  ru_msgsnd: 0,
  ru_msgrcv: 0,
  ru_nsignals: 0,
  ru_nvcsw: 0,
  ru_nivcsw: 0,
};

describe('packets of a worker', () => {
  /** A stream whose counts a test sets. */
  class FakeStream {
    readonly observer = new EventEmitter();
    closed = false;
    packets = 0;
    looks = 0;
    fails = false;
    readonly #type: string;

    constructor(type: string) {
      this.#type = type;
    }

    async getStats() {
      this.looks += 1;
      if (this.fails) throw new Error('closed meanwhile');
      const half = { type: this.#type, packetCount: this.packets / 2, byteCount: this.packets * 50 };
      // One for each encoding, and what comes in beside what goes out.
      const other = {
        type: this.#type === 'inbound-rtp' ? 'outbound-rtp' : 'inbound-rtp',
        packetCount: 9,
        byteCount: 9,
      };
      return [half, half, other];
    }

    close(): void {
      this.closed = true;
      this.observer.emit('close');
    }
  }

  const streamsOf = (meter: PacketMeter, count: number, way: 'in' | 'out') =>
    Array.from({ length: count }, () => {
      const stream = new FakeStream(way === 'in' ? 'inbound-rtp' : 'outbound-rtp');
      meter.follow(stream, way);
      return stream;
    });

  test('are summed up by the way they go, also those of streams that are gone', async () => {
    const meter = new PacketMeter();
    const [camera] = streamsOf(meter, 1, 'in');
    const viewers = streamsOf(meter, 3, 'out');
    if (!camera) throw new Error('there is one');
    camera.packets = 10;
    for (const viewer of viewers) viewer.packets = 8;
    await meter.look();
    expect(meter.traffic).toEqual({ packetsIn: 10, bytesIn: 1000, packetsOut: 24, bytesOut: 2400 });
    viewers[0]?.close();
    camera.packets = 20;
    await meter.look();
    expect(meter.traffic).toMatchObject({ packetsIn: 20, packetsOut: 24 });
    // One that fails changes nothing.
    camera.fails = true;
    await meter.look();
    expect(meter.traffic).toMatchObject({ packetsIn: 20, packetsOut: 24 });
  });

  test('are looked at in turn, a bounded number at a time', async () => {
    const meter = new PacketMeter();
    const streams = streamsOf(meter, 120, 'out');
    const looks = () => streams.reduce((sum, stream) => sum + stream.looks, 0);
    for (const [index, most] of [50, 100, 120].entries()) {
      await meter.look();
      expect(looks(), `after look ${index}`).toBe(most);
    }
    expect(streams.every((stream) => stream.looks === 1)).toBe(true);
    await meter.look();
    expect(looks()).toBe(170);
    for (const stream of streams) stream.close();
    await meter.look();
    await meter.look();
    expect(looks()).toBe(170);
  });
});

test.each([
  [0, 4, 10_000, 59_999],
  [40_000, 2, 10_000, 39_999],
  [20_000, 8, 20_008, 59_999],
  [10_000, 1, 10_001, 59_999],
  [9_998, 4, 10_002, 59_999],
  [59_990, 20, 10_000, 59_989],
  [61_000, 4, 10_000, 59_999],
  [3000, 4, 10_000, 59_999],
])('with workers on port %i and %i ports, links listen beside them', (firstPort, workers, min, max) => {
  expect(linkPorts(firstPort, workers)).toEqual({ min, max });
});
