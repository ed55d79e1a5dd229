import type { Socket } from 'node:net';
import { addressKey } from '../addressKey.ts';
import { clientAddress } from '../proxies.ts';
import { Turns } from '../Turns.ts';

/** So many are served in one turn of the event loop: what their first request costs comes in the same turn. */
const servedInTurn = 1;
/** Of one address; one more is closed at once. Each takes a few kilobytes and an open file. */
const mostWaiting = 4096;

/**
 * New connections, taken and not yet read. Addresses take turns, so that nobody waits behind thousands who come from
 * elsewhere; behind a proxy all have one address and are served in their order.
 */
export class AcceptQueue {
  readonly #serve: (socket: Socket) => void;
  readonly #turns = new Turns(servedInTurn);
  /** By address. */
  readonly #waiting = new Map<string, Set<Socket>>();

  readonly #most: number;

  /**
   * @param serve gets one that is paused, and has it flow
   * @param most of one address that wait
   */
  constructor(serve: (socket: Socket) => void, most = mostWaiting) {
    this.#serve = serve;
    this.#most = most;
  }

  /** @param socket paused */
  add(socket: Socket): void {
    const place = addressKey(clientAddress(socket.remoteAddress, undefined, () => false));
    const sockets = this.#waiting.get(place) ?? new Set();
    if (sockets.size >= this.#most) {
      socket.resetAndDestroy();
      return;
    }
    this.#waiting.set(place, sockets.add(socket));
    const sender = { place };
    this.#turns.take(sender, () => {
      sockets.delete(socket);
      if (sockets.size === 0) this.#waiting.delete(place);
      if (!socket.destroyed) this.#serve(socket);
    });
  }

  /** Those who wait are not served any more. */
  close(): void {
    for (const sockets of this.#waiting.values()) for (const socket of sockets) socket.destroy();
  }
}
