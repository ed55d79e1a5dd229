import type { Socket } from 'node:net';
import { addressKey } from '../addressKey.ts';
import { clientAddress } from '../proxies.ts';
import { Turns } from '../Turns.ts';

/**
 * So many are served in one turn of the event loop, and one of each address: what their first request costs comes in the
 * same turn. With fewer a server to which thousands come back serves most of them when they have given up.
 */
const servedInTurn = 8;
/** Of one address; one more is closed at once. Each takes a few kilobytes and an open file. */
const mostWaiting = 4096;

export interface AcceptQueueOptions {
  /** Gets one that is paused, and has it flow. */
  serve: (socket: Socket) => void;
  /** Whether others come by way of that address, as by a proxy: it counts as several. */
  bringsOthers: (address: string) => boolean;
  /** Of one address that wait. */
  most?: number;
}

/**
 * New connections, taken and not yet read. Addresses take turns, so that nobody waits behind thousands who come from
 * elsewhere; behind a proxy all have one address and are served in their order.
 */
export class AcceptQueue {
  readonly #options: AcceptQueueOptions;
  readonly #turns = new Turns(servedInTurn, { ofPlace: 1 });
  /** By address. */
  readonly #waiting = new Map<string, Set<Socket>>();
  #brought = 0;

  constructor(options: AcceptQueueOptions) {
    this.#options = options;
  }

  /** @param socket paused */
  add(socket: Socket): void {
    const { serve, most = mostWaiting } = this.#options;
    const place = this.#placeOf(socket);
    const sockets = this.#waiting.get(place) ?? new Set();
    if (sockets.size >= most) {
      socket.resetAndDestroy();
      return;
    }
    this.#waiting.set(place, sockets.add(socket));
    const sender = { place };
    this.#turns.take(sender, () => {
      sockets.delete(socket);
      if (sockets.size === 0) this.#waiting.delete(place);
      if (!socket.destroyed) serve(socket);
    });
  }

  #placeOf({ remoteAddress }: Socket): string {
    const address = clientAddress(remoteAddress, undefined, () => false);
    if (!this.#options.bringsOthers(address)) return addressKey(address);
    this.#brought += 1;
    return `${address} ${this.#brought % servedInTurn}`;
  }

  /** Those who wait are not served any more. */
  close(): void {
    for (const sockets of this.#waiting.values()) for (const socket of sockets) socket.destroy();
  }
}
