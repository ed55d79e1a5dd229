import { addressKey } from '../addressKey.ts';
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

/** Who waits for longer would be given up by its client at some time. */
export const queueForJoins = { waiting: 4000, patienceMs: 6000, holdMs: 3000 };

/** Who is refused is told to come back after so long, in milliseconds: not all at the same time. */
const soonestMs = 1000;
const latestMs = 3000;

/** The door, for those of one address. */
export interface Door {
  enter<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * The door for joins. Where thousands come in one moment, as after a network or a server was away, so many are worked on
 * at a time, the others wait: the server goes on to hear and to answer those who are in. Those of one address come in
 * their order, and addresses take turns, so that nobody waits behind hundreds who come from elsewhere.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  /** By address, whichever is next first; each is called when it is its turn. */
  readonly #queues = new Map<string, Set<() => void>>();
  #waiting = 0;
  #working = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** For somebody who comes from there. */
  of(address: string): Door {
    return { enter: (work) => this.enter(addressKey(address), work) };
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws PlenumError `server-busy` with `retryAfterMs`, where too many wait or it waits for too long
   */
  async enter<T>(from: string, work: () => Promise<T>): Promise<T> {
    await this.#turn(from);
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

  #turn(from: string): Promise<void> {
    const { clock, atOnce, waiting, patienceMs } = this.#options;
    if (this.#working < atOnce) {
      this.#working += 1;
      return Promise.resolve();
    }
    if (this.#waiting >= waiting) throw this.#refusal();
    return new Promise((resolve, reject) => {
      const go = () => {
        cancel();
        resolve();
      };
      const cancel = clock.after(patienceMs, () => {
        this.#remove(from, go);
        reject(this.#refusal());
      });
      const queue = this.#queues.get(from) ?? new Set();
      this.#queues.set(from, queue.add(go));
      this.#waiting += 1;
    });
  }

  #remove(from: string, go: () => void): void {
    const queue = this.#queues.get(from);
    if (!queue?.delete(go)) return;
    this.#waiting -= 1;
    if (queue.size === 0) this.#queues.delete(from);
  }

  /** Whoever has waited longest of the next address takes the place that has become free. */
  #next(): void {
    for (const [from, queue] of this.#queues) {
      const [go] = queue;
      if (!go) continue;
      // To the end of the line, if more have come from there.
      this.#queues.delete(from);
      this.#queues.set(from, queue);
      this.#remove(from, go);
      go();
      return;
    }
    this.#working -= 1;
  }

  #refusal(): PlenumError {
    const { random = Math.random } = this.#options;
    const retryAfterMs = Math.round(soonestMs + random() * (latestMs - soonestMs));
    return new PlenumError('server-busy', 'very many people come at the same time; try again in a moment', {
      retryAfterMs,
    });
  }
}
