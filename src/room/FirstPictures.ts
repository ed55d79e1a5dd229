import type { Clock, MediaConsumer } from './ports.ts';

/** How long after it began to flow a video may take until its first picture, and between two requests for one. */
const firstPatienceMs = 150;
const patienceMs = 350;
/** Where the publisher has just made a key frame for somebody else, this one came too late for it. */
const soonMs = 100;
/**
 * After so many looks, four seconds, the picture is missing for another reason, such as bandwidth. A publisher whom nobody
 * watched has to start its encoder first.
 */
const mostLooks = 11;

export interface FirstPicturesOptions {
  clock: Clock;
  /** The consumer by which a publication flows now. */
  find: (publicationId: string) => MediaConsumer | undefined;
  /** Tells the publisher; false where that was done for somebody else a moment ago. */
  ask: (publicationId: string) => boolean;
  /** The picture is no longer expected, although it has not come. */
  gaveUp: (publicationId: string) => void;
}

/**
 * Sees to it that whoever starts to receive a video gets a picture soon. The worker asks the publisher for a key frame,
 * but browsers ignore a request that comes within 300 ms of another one, for whichever of their encodings; the worker
 * repeats it only after a second. So a picture that is late is asked for by other means.
 */
export class FirstPictures {
  readonly #options: FirstPicturesOptions;
  /** By publication id: what cancels the next look. */
  readonly #looks = new Map<string, () => void>();

  constructor(options: FirstPicturesOptions) {
    this.#options = options;
  }

  /** The publication has just begun to flow. */
  expect(publicationId: string): void {
    this.#looks.get(publicationId)?.();
    this.#look(publicationId, this.#options.find(publicationId), firstPatienceMs, mostLooks);
  }

  /** Whether a publication has begun to flow a moment ago. */
  expects(publicationId: string): boolean {
    return this.#looks.has(publicationId);
  }

  close(): void {
    for (const cancel of this.#looks.values()) cancel();
    this.#looks.clear();
  }

  #look(publicationId: string, consumer: MediaConsumer | undefined, waitMs: number, left: number): void {
    const { clock, find, ask, gaveUp } = this.#options;
    const cancel = clock.after(waitMs, () => {
      this.#looks.delete(publicationId);
      const received = consumer !== undefined && find(publicationId) === consumer;
      if (!received || consumer.state.layers) return;
      if (left === 0) {
        gaveUp(publicationId);
        return;
      }
      const asked = ask(publicationId);
      this.#look(publicationId, consumer, asked ? patienceMs : soonMs, left - 1);
    });
    this.#looks.set(publicationId, cancel);
  }
}
