import type { Socket } from 'node:net';
import { addressKey } from '../addressKey.ts';
import { clientAddress } from '../proxies.ts';

export interface PlacesOptions {
  /** TCP connections at a time; one more is closed at once. */
  maxConnections: number;
  /** The same of one address (IPv6: of one /64). */
  maxAddressConnections: number;
  /** Whether others come by way of that address, as by a proxy, so that it may have any number. */
  bringsOthers: (address: string) => boolean;
  /** That address has as many as it may, and one more was closed. */
  crowded?: (address: string) => void;
}

/** The connections there are, each of which takes an open file: nobody shall take those of all others. */
export class ConnectionPlaces {
  readonly #options: PlacesOptions;
  readonly #sockets = new Set<Socket>();
  /** By address, of those that are counted. */
  readonly #counts = new Map<string, number>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  get sockets(): Iterable<Socket> {
    return this.#sockets;
  }

  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  /** Whether there is a place for a new one; otherwise it is closed. */
  take(socket: Socket): boolean {
    const { maxConnections, maxAddressConnections, crowded } = this.#options;
    const address = this.#addressOf(socket);
    const count = this.#counts.get(address ?? '') ?? 0;
    const isCrowded = address !== undefined && count >= maxAddressConnections;
    if (isCrowded) crowded?.(address);
    if (isCrowded || this.#sockets.size >= maxConnections) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    if (address !== undefined) this.#counts.set(address, count + 1);
    socket.once('close', () => this.#leave(socket, address));
    return true;
  }

  #leave(socket: Socket, address: string | undefined): void {
    this.#sockets.delete(socket);
    if (address === undefined) return;
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }

  /** Undefined where it is not counted. */
  #addressOf({ remoteAddress }: Socket): string | undefined {
    const address = clientAddress(remoteAddress, undefined, () => false);
    return this.#options.bringsOthers(address) ? undefined : addressKey(address);
  }
}
