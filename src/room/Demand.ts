import type { Clock } from './ports.ts';

/** Told to publishers whose videos nobody watches. */
export const nothing = -1;

interface Video {
  /** How many participants have use for each spatial layer, and for none above it. */
  readonly watchers: number[];
  /** What the publisher has been told last. */
  told: number;
  /** The highest layer that somebody has use for now. */
  wanted: number;
  cancelLowering: (() => void) | undefined;
}

export interface DemandOptions {
  clock: Clock;
  /** Milliseconds for which less must be wanted before the publisher is told so. */
  holdMs: number;
  tell: (publicationId: string, maxSpatialLayer: number) => void;
}

/**
 * Which spatial layers of each video anybody has use for (dynacast), so that its publisher can switch the others off.
 * More is told at once; less only after a while, since whoever pages through a grid, or is about to set a view after
 * something was published, would switch encoders off and on.
 *
 * What is wanted counts, not what arrives: a receiver whose bandwidth carries less than it wants could never climb to a
 * layer that is off. Receivers on all of a room's routers count alike.
 */
export class Demand {
  readonly #options: DemandOptions;
  readonly #videos = new Map<string, Video>();

  constructor(options: DemandOptions) {
    this.#options = options;
  }

  /** @param spatialLayers how many it has; all of them are sent until something else is told */
  published(publicationId: string, spatialLayers: number): void {
    const video = { watchers: [], told: spatialLayers - 1, wanted: nothing, cancelLowering: undefined };
    this.#videos.set(publicationId, video);
    this.#lowerLater(publicationId, video);
  }

  unpublished(publicationId: string): void {
    this.#videos.get(publicationId)?.cancelLowering?.();
    this.#videos.delete(publicationId);
  }

  /** One participant has use for another layer than before; undefined: for none. */
  changed(publicationId: string, before: number | undefined, now: number | undefined): void {
    const video = this.#videos.get(publicationId);
    if (!video) return;
    if (before !== undefined) video.watchers[before] = (video.watchers[before] ?? 0) - 1;
    if (now !== undefined) video.watchers[now] = (video.watchers[now] ?? 0) + 1;
    const wanted = video.watchers.findLastIndex((watchers) => watchers > 0);
    const less = wanted < video.wanted;
    video.wanted = wanted;
    if (wanted >= video.told) {
      video.cancelLowering?.();
      video.cancelLowering = undefined;
      this.#tell(publicationId, video);
    } else if (less) {
      this.#lowerLater(publicationId, video);
    }
  }

  /** What the publisher of a video has been told last; undefined where there is no such video. */
  toldOf(publicationId: string): number | undefined {
    return this.#videos.get(publicationId)?.told;
  }

  close(): void {
    for (const publicationId of [...this.#videos.keys()]) this.unpublished(publicationId);
  }

  /** Each time that less is wanted, the time begins anew: what was wanted a moment ago may be wanted again. */
  #lowerLater(publicationId: string, video: Video): void {
    video.cancelLowering?.();
    video.cancelLowering = this.#options.clock.after(this.#options.holdMs, () => {
      video.cancelLowering = undefined;
      this.#tell(publicationId, video);
    });
  }

  #tell(publicationId: string, video: Video): void {
    if (video.told === video.wanted) return;
    video.told = video.wanted;
    this.#options.tell(publicationId, video.wanted);
  }
}
