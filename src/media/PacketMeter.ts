import type { Stream } from './tally.ts';

/** RTP packets and their bytes since the worker was started. */
export interface Traffic {
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

/** A look at one stream costs the server about as much as forwarding some packets costs the worker. */
const looksAtOnce = 50;

interface Seen {
  way: 'in' | 'out';
  packets: number;
  bytes: number;
}

/**
 * Counts a worker's packets. mediasoup tells them per stream only, each for a request to the worker, so that they are
 * looked at in turn, a bounded number each time: with many streams the count is some seconds old, and what a stream
 * carried between the last look and its end is missing.
 */
export class PacketMeter {
  readonly traffic = emptyTraffic();
  readonly #streams = new Map<Stream, Seen>();
  /** Those whose turn has not come in this round. */
  #queue: Stream[] = [];
  #looking = false;

  follow(stream: Stream, way: 'in' | 'out'): void {
    this.#streams.set(stream, { way, packets: 0, bytes: 0 });
    stream.observer.once('close', () => this.#streams.delete(stream));
  }

  /** Looks at the next streams; never fails. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    if (this.#queue.length === 0) this.#queue = [...this.#streams.keys()];
    await Promise.all(this.#queue.splice(-looksAtOnce).map((stream) => this.#lookAt(stream)));
    this.#looking = false;
  }

  async #lookAt(stream: Stream): Promise<void> {
    const seen = this.#streams.get(stream);
    if (!seen || stream.closed) return;
    try {
      const type = seen.way === 'in' ? 'inbound-rtp' : 'outbound-rtp';
      const stats = (await stream.getStats()).filter((each) => each.type === type);
      const packets = stats.reduce((sum, { packetCount }) => sum + packetCount, 0);
      const bytes = stats.reduce((sum, { byteCount }) => sum + byteCount, 0);
      this.#add(seen, Math.max(packets, seen.packets), Math.max(bytes, seen.bytes));
    } catch {
      // It was closed meanwhile, or its worker is gone.
    }
  }

  #add(seen: Seen, packets: number, bytes: number): void {
    const [packetsWay, bytesWay] =
      seen.way === 'in' ? (['packetsIn', 'bytesIn'] as const) : (['packetsOut', 'bytesOut'] as const);
    this.traffic[packetsWay] += packets - seen.packets;
    this.traffic[bytesWay] += bytes - seen.bytes;
    seen.packets = packets;
    seen.bytes = bytes;
  }
}

export function emptyTraffic(): Traffic {
  return { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
}
