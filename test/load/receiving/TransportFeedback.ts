/**
 * Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): notes when each packet came,
 * and tells the sender, who estimates the bandwidth from it.
 */

const payloadFeedback = 205;
const format = 15;
/** Microseconds of one step of a delta, and of one step of the reference time. */
const deltaUs = 250;
const referenceUs = 64_000;
/** So many packets are told of at once that the feedback fits into one datagram. */
const mostPackets = 400;
/** Two-bit symbols of a status. */
const status = { missing: 0, small: 1, large: 2 } as const;
type Status = (typeof status)[keyof typeof status];

export class TransportFeedback {
  /** Wide sequence numbers with their roll-overs, and when they came, in microseconds; the first `#count` are used. */
  readonly #sequences = new Float64Array(mostPackets);
  readonly #times = new Float64Array(mostPackets);
  #count = 0;
  #highest = -1;
  /** The first that has not been told of. */
  #next = -1;
  #feedbacks = 0;

  /** Whether there is no room for another packet: time to `take()`. */
  get full(): boolean {
    return this.#count === mostPackets;
  }

  /** @param sequence as it is in the packet, 16 bits; @param now milliseconds. Passed over while `full`. */
  note(sequence: number, now: number): void {
    if (this.full) return;
    const ahead = this.#highest < 0 ? 0 : ((sequence - this.#highest) << 16) >> 16;
    const index = this.#highest < 0 ? sequence : this.#highest + ahead;
    if (index > this.#highest) this.#highest = index;
    if (this.#next < 0) this.#next = index;
    // One that comes after it has been told to be missing stays missing.
    if (index < this.#next) return;
    this.#sequences[this.#count] = index;
    this.#times[this.#count] = now * 1000;
    this.#count += 1;
  }

  /** The RTCP packet for all that came since the last; undefined where nothing did. */
  take(sender: number, media: number): Buffer | undefined {
    if (this.#count === 0) return undefined;
    const arrivals = new Map<number, number>();
    for (let place = 0; place < this.#count; place += 1) {
      arrivals.set(this.#sequences[place] ?? 0, this.#times[place] ?? 0);
    }
    this.#count = 0;
    const last = this.#highest;
    // A sender that jumped far ahead is told of its newest packets only.
    const first = Math.max(this.#next, last - 2 * mostPackets);
    this.#next = this.#highest + 1;
    const packet = encodeFeedback({ sender, media, first, last, arrivals, number: this.#feedbacks & 0xff });
    this.#feedbacks += 1;
    return packet;
  }
}

interface Feedback {
  sender: number;
  media: number;
  first: number;
  last: number;
  /** Wide sequence number -> microseconds. */
  arrivals: ReadonlyMap<number, number>;
  number: number;
}

function encodeFeedback({ sender, media, first, last, arrivals, number }: Feedback): Buffer {
  const reference = Math.floor(Math.min(...arrivals.values()) / referenceUs);
  let before = reference * referenceUs;
  const statuses: Status[] = [];
  const deltas: number[] = [];
  for (let index = first; index <= last; index += 1) {
    const at = arrivals.get(index);
    if (at === undefined) {
      statuses.push(status.missing);
      continue;
    }
    const steps = Math.max(-32_768, Math.min(32_767, Math.round((at - before) / deltaUs)));
    // What rounding leaves over goes into the next delta.
    before += steps * deltaUs;
    const small = steps >= 0 && steps <= 255;
    statuses.push(small ? status.small : status.large);
    if (small) deltas.push(steps);
    else deltas.push((steps >> 8) & 0xff, steps & 0xff);
  }
  const chunks = encodeChunks(statuses);
  const used = 20 + 2 * chunks.length + deltas.length;
  const packet = Buffer.alloc(Math.ceil(used / 4) * 4);
  packet.writeUInt8(0x80 | format, 0);
  packet.writeUInt8(payloadFeedback, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(sender, 4);
  packet.writeUInt32BE(media, 8);
  packet.writeUInt16BE(first & 0xffff, 12);
  packet.writeUInt16BE(statuses.length, 14);
  packet.writeUIntBE(reference % 2 ** 23, 16, 3);
  packet.writeUInt8(number, 19);
  chunks.forEach((chunk, place) => {
    packet.writeUInt16BE(chunk, 20 + 2 * place);
  });
  deltas.forEach((byte, place) => {
    packet.writeUInt8(byte, 20 + 2 * chunks.length + place);
  });
  return packet;
}

/** Runs of equal symbols where they are long, vectors of seven symbols otherwise. */
function encodeChunks(statuses: readonly Status[]): number[] {
  const perVector = 7;
  const longestRun = 8191;
  const chunks: number[] = [];
  let at = 0;
  while (at < statuses.length) {
    const symbol = statuses[at] ?? status.missing;
    let run = 1;
    while (run < longestRun && statuses[at + run] === symbol) run += 1;
    if (run >= perVector || at + run === statuses.length) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    let vector = 0xc000;
    for (let place = 0; place < perVector; place += 1) {
      vector |= (statuses[at + place] ?? status.missing) << (2 * (perVector - 1 - place));
    }
    chunks.push(vector);
    at += perVector;
  }
  return chunks;
}
