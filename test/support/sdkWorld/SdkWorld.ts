import { vi } from 'vitest';
import type { Room } from '../../../src/client/Room.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { FakeDevices, FakeTrack } from './browser.ts';
import { FakeServer } from './FakeServer.ts';

/** No wait of the SDK is longer than this, in milliseconds, but that for giving up. */
const longestWaitMs = 30_000;

/** Between two looks. */
const stepMs = 20;

/**
 * The SDK in Node: its own parts down to the socket, a fake server behind it, and a clock that is turned. Test files put
 * the fakes in their places with `vi.mock`, which has to stand there.
 */
export class SdkWorld {
  static #current: SdkWorld | undefined;
  readonly server = new FakeServer();
  readonly devices = new FakeDevices();
  /** Errors that listeners threw. */
  readonly thrown: unknown[] = [];
  readonly #rooms = new Set<Room>();

  static get current(): SdkWorld {
    if (!SdkWorld.#current) throw new Error('there is no world');
    return SdkWorld.#current;
  }

  constructor() {
    SdkWorld.#current = this;
    vi.useFakeTimers();
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    vi.stubGlobal('dispatchEvent', page.dispatchEvent.bind(page));
    vi.stubGlobal('reportError', (error: unknown) => this.thrown.push(error));
    vi.stubGlobal('MediaStreamTrack', FakeTrack);
    vi.stubGlobal('navigator', { mediaDevices: this.devices, onLine: true });
  }

  readonly io: FakeServer['io'] = (...args) => this.server.io(...args);

  /** It is left when the world ends. */
  add(room: Room): Room {
    this.#rooms.add(room);
    return room;
  }

  pass(ms: number): Promise<unknown> {
    return vi.advanceTimersByTimeAsync(ms);
  }

  /** Lets time pass until a promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const finish = () => {
      done = true;
    };
    promise.then(finish, finish);
    for (let waited = 0; !done; waited += stepMs) {
      if (waited > longestWaitMs) throw new Error('this goes on for ever');
      await this.pass(stepMs);
    }
    return promise;
  }

  /** The code of the error with which a promise is rejected, `done` where it is not. */
  async outcome(promise: Promise<unknown>): Promise<string> {
    try {
      await this.until(promise);
      return 'done';
    } catch (error) {
      return error instanceof PlenumError ? error.code : String(error);
    }
  }

  /** Lets time pass until something is so, and tells how long that was, in milliseconds. */
  async untilTrue(what: string, isSo: () => boolean, mostMs = longestWaitMs): Promise<number> {
    const since = performance.now();
    while (!isSo()) {
      if (performance.now() - since > mostMs) throw new Error(`${what}: not within ${mostMs} ms`);
      await this.pass(stepMs);
    }
    return performance.now() - since;
  }

  untilState(room: Room, state: Room['state'], mostMs?: number): Promise<number> {
    return this.untilTrue(`${room.state} to become ${state}`, () => room.state === state, mostMs);
  }

  async close(): Promise<void> {
    for (const room of this.#rooms) if (room.state !== 'closed') await this.until(room.leave());
    vi.useRealTimers();
    vi.unstubAllGlobals();
    SdkWorld.#current = undefined;
  }
}
