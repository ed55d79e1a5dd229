import type { types } from 'mediasoup';

/** An estimate that has fallen to this share of the one before is looked into for a while, again and again. */
const fall = 0.9;
const lookEveryMs = 250;
const looksPerFall = 14;
/**
 * So large a share lost, and so much sent once more for each bit that is sent: where chance loses a fifth, about a quarter is
 * repeated; where a queue is full, repeats are asked for faster than they can arrive.
 */
const manyLost = 0.25;
const manyRepeated = 0.45;
/** Milliseconds for which what was lost on another path is still among what is counted. */
const movedMs = 5000;

interface Look {
  /** Share of the last packets, 0 to 1, of which the client says that they did not arrive. */
  lost: number;
  /** What is sent once more for each bit that is sent. */
  repeated: number;
}

/**
 * Sees that a connection has become much too narrow sooner than the worker's estimate does. Its queue is full then, what
 * is lost is asked for again, and soon more is sent for the second time than for the first. The estimate falls in steps
 * meanwhile, for some seconds.
 */
export class CongestionWatch {
  readonly #transport: types.WebRtcTransport;
  readonly #congested: () => void;
  #estimate = 0;
  #movedAt = Number.NEGATIVE_INFINITY;
  #looksLeft = 0;
  #looking: NodeJS.Timeout | undefined;
  #last: Look | undefined;

  constructor(transport: types.WebRtcTransport, congested: () => void) {
    this.#transport = transport;
    this.#congested = congested;
    transport.observer.once('close', () => this.close());
  }

  /** @param estimate bits per second, as the worker measures them */
  estimated(estimate: number): void {
    const before = this.#estimate;
    this.#estimate = estimate;
    if (estimate > before * fall) return;
    this.#looksLeft = looksPerFall;
    if (!this.#looking) this.#lookSoon();
  }

  /** The client is heard from another address. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  close(): void {
    clearTimeout(this.#looking);
    this.#looksLeft = 0;
    this.#looking = undefined;
  }

  #lookSoon(): void {
    this.#looking = setTimeout(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    const look = await lookAt(this.#transport);
    // Closed meanwhile.
    if (!this.#looking) return;
    this.#looking = undefined;
    const before = this.#last;
    this.#last = look;
    this.#looksLeft -= 1;
    if (look && before && isGettingWorse(look, before) && performance.now() - this.#movedAt > movedMs) {
      this.#looksLeft = 0;
      this.#congested();
    }
    if (this.#looksLeft > 0) this.#lookSoon();
    else this.#last = undefined;
  }
}

/** After a pause of the connection all that it has lost is told at once, and the share falls from then on. */
function isGettingWorse({ lost, repeated }: Look, before: Look): boolean {
  return lost >= manyLost && lost > before.lost && repeated >= manyRepeated;
}

async function lookAt(transport: types.WebRtcTransport): Promise<Look | undefined> {
  try {
    const [stats] = await transport.getStats();
    if (!stats) return undefined;
    const { rtpPacketLossSent = 0, rtpSendBitrate, rtxSendBitrate } = stats;
    return { lost: rtpPacketLossSent, repeated: rtxSendBitrate / Math.max(1, rtpSendBitrate) };
  } catch {
    // The transport was closed in the same moment.
    return undefined;
  }
}
