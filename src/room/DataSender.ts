import { PlenumError, senderWindowBytes } from '../protocol/index.ts';
import type { Clock, ParticipantLink } from './ports.ts';
import { TokenBucket } from './TokenBucket.ts';

export interface DataRate {
  /** Bits per second. */
  bitrate: number;
  /** Messages per second. */
  messages: number;
}

/** As many bytes count as one message where a limit is shared with others: 16 KiB, as a piece of a file, and a header. */
const unitBytes = 17 * 1024;

/** What one participant sends: its window of reliable messages that are not settled, and its rate. */
export class DataSender {
  readonly #clock: Clock;
  /** The limits that it shares with others are those of its present connection. */
  readonly #link: Pick<ParticipantLink, 'dataLimit'>;
  readonly #bytes: TokenBucket;
  readonly #messages: TokenBucket;
  /** Sizes of the reliable messages that are not settled, by message id. */
  readonly #outstanding = new Map<number, number>();
  #outstandingBytes = 0;
  #waiting: { size: number; go: () => void }[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, { bitrate, messages }: DataRate, link: Pick<ParticipantLink, 'dataLimit'>) {
    this.#clock = clock;
    this.#link = link;
    this.#bytes = new TokenBucket(clock, { perSecond: bitrate / 8, burst: bitrate / 8 });
    this.#messages = new TokenBucket(clock, { perSecond: messages, burst: messages });
  }

  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  /**
   * Takes a reliable message into the window, until it is settled.
   * @throws PlenumError where a client does not keep to the rules
   */
  admit(messageId: number, size: number): void {
    if (messageId === 0) throw new PlenumError('bad-request', 'a reliable message has an id of its own');
    if (this.#outstanding.has(messageId)) {
      throw new PlenumError('conflict', 'a message with that id is still under way');
    }
    if (this.#outstandingBytes > 0 && this.#outstandingBytes + size > senderWindowBytes) {
      throw new PlenumError('rate-limited', 'more is under way than the window takes; wait until messages are settled');
    }
    this.#outstanding.set(messageId, size);
    this.#outstandingBytes += size;
  }

  release(messageId: number): void {
    this.#outstandingBytes -= this.#outstanding.get(messageId) ?? 0;
    this.#outstanding.delete(messageId);
  }

  /** Calls `go` when the rate allows it: reliable messages are slowed down, in their order. */
  pace(size: number, go: () => void): void {
    if (this.#waiting.length === 0 && this.mayGo(size)) {
      go();
      return;
    }
    this.#waiting.push({ size, go });
    this.#cancelTimer ??= this.#clock.after(this.#waitMs(size), () => this.#next());
  }

  /** Whether the rate allows it now; then it counts as sent. For lossy messages. */
  mayGo(size: number): boolean {
    if (this.#waitMs(size) > 0) return false;
    this.#bytes.take(size);
    this.#messages.take(1);
    this.#link.dataLimit.take(unitsOf(size));
    return true;
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting = [];
  }

  #waitMs(size: number): number {
    return Math.max(this.#bytes.waitMs(size), this.#messages.waitMs(1), this.#link.dataLimit.waitMs(unitsOf(size)));
  }

  #next(): void {
    this.#cancelTimer = undefined;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (!this.mayGo(first.size)) {
        this.#cancelTimer = this.#clock.after(this.#waitMs(first.size), () => this.#next());
        return;
      }
      this.#waiting.shift();
      first.go();
    }
  }
}

function unitsOf(size: number): number {
  return Math.max(1, Math.ceil(size / unitBytes));
}
