import type { Clock } from '../room/ports.ts';
import { cut, type EngineSocket, waitingBytes } from './engineSocket.ts';

/**
 * Little enough that a thousand slow readers do no harm. Whoever is so far behind learns more from a snapshot than from a
 * megabyte of history.
 */
const mostWaitingBytes = 1024 * 1024;
/** Between two looks at all of them: looking at each message would cost more than what it saves. */
const checkMs = 250;

/** Cuts the sockets of those who read more slowly than they are told, so that they cost nobody's memory. */
export class SlowReaders {
  readonly #clock: Clock;
  readonly #cutOff: (conn: EngineSocket, bytes: number) => void;
  /** Each with how many of the bytes that wait do not count. */
  readonly #watched = new Map<EngineSocket, number>();
  #cancel: (() => void) | undefined;

  /** @param cutOff called before a socket is cut */
  constructor(clock: Clock, cutOff: (conn: EngineSocket, bytes: number) => void) {
    this.#clock = clock;
    this.#cutOff = cutOff;
  }

  watch(conn: EngineSocket): void {
    this.#watched.set(conn, 0);
    this.#schedule();
  }

  /**
   * What waits now does not count: a client that has just come begins with the room as a whole, which may be larger than the
   * cap, and who is cut for it would come back for the same. The protocol and the limits of a room bound what that is.
   */
  allow(conn: EngineSocket): void {
    if (this.#watched.has(conn)) this.#watched.set(conn, waitingBytes(conn));
  }

  forget(conn: EngineSocket): void {
    this.#watched.delete(conn);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#watched.clear();
  }

  /** Runs only while there is somebody to watch. */
  #schedule(): void {
    if (this.#cancel || this.#watched.size === 0) return;
    this.#cancel = this.#clock.after(checkMs, () => {
      this.#cancel = undefined;
      for (const [conn, allowed] of this.#watched) this.#check(conn, allowed);
      this.#schedule();
    });
  }

  #check(conn: EngineSocket, allowed: number): void {
    const bytes = waitingBytes(conn);
    // What was allowed once leaves first.
    this.#watched.set(conn, Math.min(allowed, bytes));
    if (bytes <= allowed + mostWaitingBytes) return;
    this.forget(conn);
    this.#cutOff(conn, bytes);
    cut(conn);
  }
}
