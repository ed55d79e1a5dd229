import { receiverWindowBytes, stallMs } from '../protocol/index.ts';
import type { Delivery } from './Delivery.ts';
import type { Clock } from './ports.ts';

/** How long a client may take to open its data channels, from its join on, in milliseconds. */
const openMs = 15_000;

/**
 * `opening`: it has just joined. `absent`: it has not opened its channels in time, so it takes no part. `stalled`: it
 * took nothing for too long.
 */
export type ReceiverState = 'opening' | 'open' | 'stalled' | 'absent' | 'closed';

interface Waiting {
  delivery: Delivery;
  /** Whether the delivery is held until this receiver has its message. */
  held: boolean;
}

export interface DataReceiverOptions {
  participantId: string;
  clock: Clock;
  /** Sends a reliable frame to this receiver. */
  send: (frame: Uint8Array) => void;
  /** So many messages have been thrown away; it takes messages again. */
  missed: (messages: number) => void;
}

/**
 * What reliable messages one participant still has to get, and how much it can take right now. src/protocol/data.ts
 * says how the credit works.
 */
export class DataReceiver {
  readonly #options: DataReceiverOptions;
  #since: number;
  #state: ReceiverState = 'opening';
  #queue: Waiting[] = [];
  /** Bytes of messages for all that were settled although they still wait for this receiver to open its channels. */
  #early = 0;
  /** Running totals of bytes. */
  #sent = 0;
  #taken = 0;
  /** Sent and not taken yet, oldest first: what is to be sent again when the channels went with a worker. */
  #unconfirmed: Uint8Array[] = [];
  #confirmed = 0;
  #missed = 0;
  /** Whether it had channels before, and has yet to open others. */
  #interrupted = false;
  /** Whether it got more time already, since it last took something. */
  #excused = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: DataReceiverOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  get state(): ReceiverState {
    return this.#state;
  }

  /** Whether the message can be sent right now; then the caller sends it, and it counts as sent. */
  claim(frame: Uint8Array): boolean {
    if (this.#state !== 'open' || this.#queue.length > 0 || !this.#fits(frame.byteLength)) return false;
    this.#count(frame);
    return true;
  }

  /** For a message that it cannot take yet, or will not get at all. */
  wait(delivery: Delivery): void {
    const { clock } = this.#options;
    const openLeft = this.#since + openMs - clock.now();
    if (this.#state === 'opening' && openLeft <= 0) this.#giveUp('absent');
    switch (this.#state) {
      case 'closed':
        if (!delivery.toAll) delivery.missLeft(this.#options.participantId);
        return;
      case 'absent':
        if (!delivery.toAll) this.#miss(delivery);
        return;
      case 'stalled':
        this.#miss(delivery);
        return;
      case 'opening': {
        // Somebody who is about to come must not hold up those who are there.
        const early = delivery.toAll && this.#early + delivery.size <= receiverWindowBytes;
        if (early) this.#early += delivery.size;
        this.#keep(delivery, !early);
        this.#waitForOpening();
        return;
      }
      case 'open':
        this.#keep(delivery, true);
        if (!this.#cancelTimer) this.#waitForTaking();
    }
  }

  /** @param bytes the running total of what it took */
  taken(bytes: number): void {
    if (this.#state === 'closed') return;
    const total = Math.min(bytes, this.#sent);
    const progress = total > this.#taken;
    if (this.#state === 'open' && !progress) return;
    // A receiver that has stalled is well again when it takes something; the other two open their channels now.
    if (this.#state === 'stalled' && !progress) return;
    this.#interrupted = false;
    this.#excused = false;
    const reopened = this.#state === 'opening' || this.#state === 'absent';
    this.#taken = Math.max(this.#taken, total);
    this.#confirm();
    this.#state = 'open';
    this.#stopTimer();
    if (reopened) for (const frame of this.#unconfirmed) this.#options.send(frame);
    if (this.#missed > 0) {
      const missed = this.#missed;
      this.#missed = 0;
      this.#options.missed(missed);
    }
    this.#drain();
  }

  /**
   * Its channels have gone: it counts as one who has just come. What it had not taken is sent to it again when it says, on
   * others, how much it took, so that nothing is lost and nothing comes twice.
   */
  interrupt(): void {
    if (this.#state === 'closed') return;
    this.#stopTimer();
    this.#interrupted ||= this.#state !== 'opening' && this.#state !== 'absent';
    this.#state = 'opening';
    this.#early = 0;
    this.#since = this.#options.clock.now();
    if (this.#queue.length > 0) this.#waitForOpening();
  }

  /**
   * It is heard from another address: its network was broken for a while. SCTP, which waits twice as long before each
   * retransmission (RFC 9260, 6.3.3), may take several seconds more, so it has as long as if it had taken something. Once
   * only, until it takes something, so that nobody who changes addresses again and again holds up others.
   */
  excuse(): void {
    if (this.#state !== 'open' || !this.#cancelTimer || this.#excused) return;
    this.#excused = true;
    this.#stopTimer();
    this.#waitForTaking();
  }

  /** It has left. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#unconfirmed = [];
    this.#stopTimer();
    for (const { delivery, held } of this.#queue.splice(0)) {
      if (!delivery.toAll) delivery.missLeft(this.#options.participantId);
      if (held) delivery.done();
    }
  }

  #fits(size: number): boolean {
    const underWay = this.#sent - this.#taken;
    return underWay === 0 || underWay + size <= receiverWindowBytes;
  }

  #waitForTaking(): void {
    this.#cancelTimer = this.#options.clock.after(stallMs, () => this.#giveUp('stalled'));
  }

  #waitForOpening(): void {
    const { clock } = this.#options;
    this.#cancelTimer ??= clock.after(this.#since + openMs - clock.now(), () => this.#giveUp('absent'));
  }

  #count(frame: Uint8Array): void {
    this.#sent += frame.byteLength;
    this.#unconfirmed.push(frame);
  }

  #confirm(): void {
    let frames = 0;
    for (const { byteLength } of this.#unconfirmed) {
      if (this.#confirmed + byteLength > this.#taken) break;
      this.#confirmed += byteLength;
      frames += 1;
    }
    if (frames > 0) this.#unconfirmed = this.#unconfirmed.slice(frames);
  }

  #keep(delivery: Delivery, held: boolean): void {
    if (held) delivery.hold();
    this.#queue.push({ delivery, held });
  }

  #drain(): void {
    let sent = 0;
    for (const { delivery, held } of this.#queue) {
      if (!this.#fits(delivery.size)) break;
      this.#count(delivery.frame);
      this.#options.send(delivery.frame);
      if (held) delivery.done();
      sent += 1;
    }
    this.#queue = this.#queue.slice(sent);
    if (this.#queue.length > 0) this.#waitForTaking();
  }

  #giveUp(state: 'stalled' | 'absent'): void {
    this.#stopTimer();
    this.#state = state;
    for (const { delivery, held } of this.#queue.splice(0)) {
      this.#missed += 1;
      if (!held) continue;
      // Who has never taken part in data is not missing where it was for all.
      if (state === 'stalled' || this.#interrupted || !delivery.toAll) delivery.miss(this.#options.participantId);
      delivery.done();
    }
  }

  #miss(delivery: Delivery): void {
    this.#missed += 1;
    delivery.miss(this.#options.participantId);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
