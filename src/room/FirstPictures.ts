import type { Clock, MediaConsumer } from './ports.ts';

/** How long after it began to flow a video may take until its first picture, and between two requests for one. */
const firstPatienceMs = 150;
const patienceMs = 350;
/** Where the publisher has just made a key frame for somebody else, this one came too late for it. */
const soonMs = 100;
/** After so many looks the picture is missing for another reason, such as bandwidth. */
const mostLooks = 6;

/**
 * Sees to it that whoever starts to receive a video gets a picture soon. The worker asks the publisher for a key frame,
 * but browsers ignore a request that comes within 300 ms of another one, for whichever of their encodings; the worker
 * repeats it only after a second. So a picture that is late is asked for by other means.
 */
export class FirstPictures {
  readonly #clock: Clock;
  readonly #find: (publicationId: string) => MediaConsumer | undefined;
  readonly #ask: (publicationId: string) => boolean;
  /** By publication id: what cancels the next look. */
  readonly #looks = new Map<string, () => void>();

  /**
   * @param find the consumer by which a publication is received now
   * @param ask tells the publisher; false where that was done for somebody else a moment ago
   */
  constructor(
    clock: Clock,
    find: (publicationId: string) => MediaConsumer | undefined,
    ask: (publicationId: string) => boolean,
  ) {
    this.#clock = clock;
    this.#find = find;
    this.#ask = ask;
  }

  /** The publication has just begun to flow. */
  expect(publicationId: string): void {
    this.#looks.get(publicationId)?.();
    this.#look(publicationId, this.#find(publicationId), firstPatienceMs, mostLooks);
  }

  close(): void {
    for (const cancel of this.#looks.values()) cancel();
    this.#looks.clear();
  }

  #look(publicationId: string, consumer: MediaConsumer | undefined, waitMs: number, left: number): void {
    const cancel = this.#clock.after(waitMs, () => {
      this.#looks.delete(publicationId);
      const received = consumer !== undefined && this.#find(publicationId) === consumer;
      if (!received || consumer.state.layers || left === 0) return;
      const asked = this.#ask(publicationId);
      this.#look(publicationId, consumer, asked ? patienceMs : soonMs, left - 1);
    });
    this.#looks.set(publicationId, cancel);
  }
}
