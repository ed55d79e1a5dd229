import { addressKey } from '../addressKey.ts';
import type { Clock } from '../room/ports.ts';
import { Turns } from '../Turns.ts';
import { cut, type EngineSocket, flowOf } from './engineSocket.ts';
import { type Source, StrictDecoder } from './StrictDecoder.ts';

export interface DecodersOptions {
  clock: Clock;
  maxMessageBytes: number;
  /** Messages of one client that may wait to be read. */
  maxWaiting: number;
}

/** So many packets are read in one turn of the event loop, before everything else has its turn again; and of one address. */
const packetsInTurn = 12;
const packetsOfAddress = 3;
/** For their size: so many of the largest may wait. */
const mostOfTheLargest = 16;

/**
 * The decoders of all connections, which take turns from the first packet on. socket.io makes one without arguments in the
 * moment in which a connection comes, so that has to be told right before.
 */
export class Decoders {
  readonly Decoder: new () => StrictDecoder;
  #coming: Source | undefined;

  constructor({ clock, maxMessageBytes, maxWaiting }: DecodersOptions) {
    const most = { packets: maxWaiting, size: mostOfTheLargest * maxMessageBytes };
    const turns = new Turns(packetsInTurn, { ofPlace: packetsOfAddress, most });
    const take = (): Source => {
      const source = this.#coming;
      this.#coming = undefined;
      if (!source) throw new Error('a decoder is made for a connection of which nobody was told');
      return source;
    };
    this.Decoder = class extends StrictDecoder {
      constructor() {
        super({ clock, maxMessageBytes, turns, source: take() });
      }
    };
  }

  /** @param address as `clientAddress` gives it */
  coming(conn: EngineSocket, address: string): void {
    this.#coming = { ...flowOf(conn), cut: () => cut(conn), place: addressKey(address) };
  }
}

/** Of a connection; socket.io has it there without a type. */
export function decoderOf({ client }: { client: object }): StrictDecoder | undefined {
  const decoder: unknown = Reflect.get(client, 'decoder');
  return decoder instanceof StrictDecoder ? decoder : undefined;
}
