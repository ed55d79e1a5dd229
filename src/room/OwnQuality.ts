import type { ConnectionQuality } from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import { publicationQuality } from './quality.ts';

export interface OwnQualityOptions {
  publications: () => readonly Publication[];
  changed: (quality: ConnectionQuality) => void;
}

/** How well the server hears from one participant. */
export class OwnQuality {
  readonly #options: OwnQualityOptions;
  readonly #scores = new Map<string, number>();
  #silent = false;
  #value: ConnectionQuality = 'good';

  constructor(options: OwnQualityOptions) {
    this.#options = options;
  }

  get value(): ConnectionQuality {
    return this.#value;
  }

  /** Whether nothing has been heard of the client for longer than a heartbeat. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.update();
  }

  /** @param score 0 (nothing arrives) to 10 (all arrives) */
  scored(publicationId: string, score: number): void {
    this.#scores.set(publicationId, score);
    this.update();
  }

  forget(publicationId: string): void {
    this.#scores.delete(publicationId);
    this.update();
  }

  /** The worker that gave the scores has gone. */
  reset(): void {
    this.#scores.clear();
  }

  /** A publication was muted or unmuted. */
  update(): void {
    const scores = this.#options.publications().map(({ publicationId, muted }) => ({
      muted,
      score: this.#scores.get(publicationId),
    }));
    const quality = this.#silent ? 'lost' : publicationQuality(scores);
    if (quality === this.#value) return;
    this.#value = quality;
    this.#options.changed(quality);
  }
}
