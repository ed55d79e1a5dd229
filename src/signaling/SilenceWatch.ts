import type { Clock } from '../room/ports.ts';
import type { EngineSocket } from './engineSocket.ts';

/** How late an answer may be: more than the round trip of any line on which people can talk. */
const answerMs = 1000;
/** Between two looks at all of them. */
const checkMs = 250;

interface Watched {
  lastHeardAt: number;
  silent: boolean;
  onChange: (silent: boolean) => void;
  onPacket: () => void;
}

/**
 * Notices when a client has not answered a heartbeat, long before the connection counts as broken: TCP keeps
 * quiet about a network that is gone.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #pingIntervalMs: number;
  readonly #watched = new Map<EngineSocket, Watched>();
  #cancel: (() => void) | undefined;

  constructor(pingIntervalMs: number, clock: Clock) {
    this.#pingIntervalMs = pingIntervalMs;
    this.#clock = clock;
  }

  watch(socket: EngineSocket, onChange: (silent: boolean) => void): void {
    const watched: Watched = {
      lastHeardAt: this.#clock.now(),
      silent: false,
      onChange,
      onPacket: () => {
        watched.lastHeardAt = this.#clock.now();
        if (watched.silent) this.#turn(watched, false);
      },
    };
    socket.on('packet', watched.onPacket);
    this.#watched.set(socket, watched);
    this.#schedule();
  }

  forget(socket: EngineSocket): void {
    const watched = this.#watched.get(socket);
    if (!watched) return;
    socket.off('packet', watched.onPacket);
    this.#watched.delete(socket);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const socket of [...this.#watched.keys()]) this.forget(socket);
  }

  /** Runs only while there is somebody to watch. */
  #schedule(): void {
    if (this.#cancel || this.#watched.size === 0) return;
    const due = this.#clock.now() + checkMs;
    this.#cancel = this.#clock.after(checkMs, () => {
      this.#cancel = undefined;
      // A server that was busy has not read what arrived meanwhile: it is not the clients who were silent.
      if (this.#clock.now() - due < checkMs) this.#check();
      this.#schedule();
    });
  }

  #check(): void {
    const silentSince = this.#clock.now() - this.#pingIntervalMs - answerMs;
    for (const watched of this.#watched.values()) {
      if (!watched.silent && watched.lastHeardAt < silentSince) this.#turn(watched, true);
    }
  }

  #turn(watched: Watched, silent: boolean): void {
    watched.silent = silent;
    watched.onChange(silent);
  }
}
