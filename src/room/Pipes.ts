import { PlenumError } from '../protocol/index.ts';
import type { Clock, MediaLink, MediaPipe, MediaRouter } from './ports.ts';

/** How long a pipe stays after the last who needed it, so that views that change do not make it anew each time. */
export const pipeGraceMs = 2000;

/** As long as it is held, the publication stays reachable. */
export interface Lease {
  /** What to consume on the router. */
  readonly producerId: string;
  /** Idempotent. */
  release(): void;
}

interface Entry {
  readonly making: Promise<MediaPipe>;
  leases: number;
  cancelGrace: (() => void) | undefined;
}

/** Brings publications to the room's other routers: one pipe for each publication and router, however many ask. */
export class Pipes {
  readonly #clock: Clock;
  /** By producer and router. */
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param link what connects the routers `from` and `to` */
  async lease(producerId: string, from: MediaRouter, to: MediaRouter, link: MediaLink): Promise<Lease> {
    const key = `${producerId} ${to.routerId}`;
    const entry = this.#entries.get(key) ?? this.#make(key, link.pipe(producerId, from));
    entry.leases += 1;
    entry.cancelGrace?.();
    entry.cancelGrace = undefined;
    const pipe = await entry.making;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      entry.leases -= 1;
      if (entry.leases === 0) this.#closeLater(key, entry, pipe);
    };
    return { producerId: pipe.producerId, release };
  }

  /** The pipes themselves go with the routers. */
  close(): void {
    this.#closed = true;
    for (const { cancelGrace } of this.#entries.values()) cancelGrace?.();
    this.#entries.clear();
  }

  #make(key: string, making: Promise<MediaPipe>): Entry {
    // One that went with its worker may be told of after another one has been made in its place.
    const forget = () => {
      entry.cancelGrace?.();
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    const entry: Entry = { making: this.#watch(making, forget), leases: 0, cancelGrace: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  async #watch(making: Promise<MediaPipe>, forget: () => void): Promise<MediaPipe> {
    try {
      const pipe = await making;
      if (this.#closed) {
        pipe.close();
        throw new PlenumError('closed', 'the room has just been closed');
      }
      pipe.on('closed', forget);
      return pipe;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #closeLater(key: string, entry: Entry, pipe: MediaPipe): void {
    if (this.#entries.get(key) !== entry) return;
    entry.cancelGrace = this.#clock.after(pipeGraceMs, () => {
      this.#entries.delete(key);
      pipe.close();
    });
  }
}
