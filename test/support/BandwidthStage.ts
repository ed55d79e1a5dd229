import { Bandwidth } from '../../src/room/Bandwidth.ts';
import type { Allowance, Load } from '../../src/room/bandwidthPolicy.ts';
import { FakeClock } from './FakeClock.ts';

export const infinity = Number.POSITIVE_INFINITY;
export const all: Allowance = { videos: infinity, audio: infinity };

/** So many videos of 70 kbit/s. */
export const videos = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ publicationId: `v${index}`, bitrate: 70_000 }));

/** What decides for one participant, and what it has said. */
export class BandwidthStage {
  readonly clock = new FakeClock();
  load: Load = { claims: videos(4), audio: 2 };
  readonly told: Allowance[] = [];
  readonly limits: (number | undefined)[] = [];
  readonly floors: (number | undefined)[] = [];
  readonly bandwidth = new Bandwidth({
    clock: this.clock,
    load: () => this.load,
    changed: () => this.told.push(this.bandwidth.allowance),
    limitEstimate: (limit) => this.limits.push(limit),
    floorEstimate: (floor) => this.floors.push(floor),
  });

  get allowance(): Allowance {
    return this.bandwidth.allowance;
  }

  /** As the worker measures: once a second, and only what video may take. */
  measure(estimate: number, seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.bandwidth.measured(estimate);
      this.clock.advance(1000);
    }
  }
}
