import type { Clock } from '../room/ports.ts';
import { cut, type EngineSocket, waitingBytes } from './engineSocket.ts';

/**
 * More than the largest answer of a join, and little enough that a thousand slow readers do no harm. Whoever is so far
 * behind learns more from a snapshot than from a megabyte of history.
 */
const mostWaitingBytes = 1024 * 1024;
/** Between two looks at all of them: looking at each message would cost more than what it saves. */
const checkMs = 250;

/** Cuts the sockets of those who read more slowly than they are told, so that they cost nobody's memory. */
export class SlowReaders {
  readonly #clock: Clock;
  readonly #cutOff: (conn: EngineSocket, bytes: number) => void;
  readonly #watched = new Set<EngineSocket>();
  #cancel: (() => void) | undefined;

  /** @param cutOff called before a socket is cut */
  constructor(clock: Clock, cutOff: (conn: EngineSocket, bytes: number) => void) {
    this.#clock = clock;
    this.#cutOff = cutOff;
  }

  watch(conn: EngineSocket): void {
    this.#watched.add(conn);
    this.#schedule();
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
      for (const conn of this.#watched) this.#check(conn);
      this.#schedule();
    });
  }

  #check(conn: EngineSocket): void {
    const bytes = waitingBytes(conn);
    if (bytes <= mostWaitingBytes) return;
    this.forget(conn);
    this.#cutOff(conn, bytes);
    cut(conn);
  }
}
