import { PlenumError } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';

export interface AdmissionOptions {
  clock: Clock;
  /** Joins that are worked on at a time. */
  atOnce: number;
  /** Joins that may wait for that. */
  waiting: number;
  /** How long each of them may, in milliseconds. */
  patienceMs: number;
  /** A join that takes longer, since its worker hangs, keeps the others waiting no more. Milliseconds. */
  holdMs: number;
  random?: () => number;
}

/** Who is refused is told to come back after so long, in milliseconds: not all at the same time. */
const soonestMs = 1000;
const latestMs = 3000;

/**
 * The door for joins. Where thousands come in one moment, as after a network or a server was away, so many are worked on
 * at a time, the others in the order in which they came: the server goes on to hear and to answer those who are in.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  /** In order; each is called when it is its turn. */
  readonly #queue = new Set<() => void>();
  #working = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws PlenumError `server-busy` with `retryAfterMs`, where too many wait or it waits for too long
   */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    let holds = true;
    const giveUp = () => {
      if (holds) this.#next();
      holds = false;
    };
    const cancel = this.#options.clock.after(this.#options.holdMs, giveUp);
    try {
      return await work();
    } finally {
      cancel();
      giveUp();
    }
  }

  #turn(): Promise<void> {
    const { clock, atOnce, waiting, patienceMs } = this.#options;
    if (this.#working < atOnce) {
      this.#working += 1;
      return Promise.resolve();
    }
    if (this.#queue.size >= waiting) throw this.#refusal();
    return new Promise((resolve, reject) => {
      const go = () => {
        cancel();
        resolve();
      };
      const cancel = clock.after(patienceMs, () => {
        this.#queue.delete(go);
        reject(this.#refusal());
      });
      this.#queue.add(go);
    });
  }

  /** Whoever has waited longest takes the place that has become free. */
  #next(): void {
    const [go] = this.#queue;
    if (!go) {
      this.#working -= 1;
      return;
    }
    this.#queue.delete(go);
    go();
  }

  #refusal(): PlenumError {
    const { random = Math.random } = this.#options;
    const retryAfterMs = Math.round(soonestMs + random() * (latestMs - soonestMs));
    return new PlenumError('server-busy', 'very many people come at the same time; try again in a moment', {
      retryAfterMs,
    });
  }
}
