import type { Logger } from '../log.ts';
import { RareLog } from '../RareLog.ts';
import type { Clock } from '../room/ports.ts';
import { keptMs, retryDelayMs } from './retries.ts';

/** Requests to one target at a time. */
const mostAtOnce = 16;
/** How long an attempt may take, looking up the host and reading the answer included. Milliseconds. */
const attemptMs = 15_000;

/** One event on its way to one target. */
export interface Delivery {
  readonly id: string;
  /** Events of one lane arrive in their order: the name of the room. */
  readonly lane: string;
  readonly body: string;
}

export type Attempt =
  | { is: 'delivered' }
  /** The receiver wants no more. */
  | { is: 'gone' }
  /** `askedMs`: how long the receiver asks to be left alone, in milliseconds. */
  | { is: 'failed'; why: string; askedMs?: number | undefined };

export interface QueueLimits {
  events: number;
  /** Of the bodies. */
  bytes: number;
}

export interface TargetQueueOptions {
  /** What the log calls the target: without path and query, which may hold secrets. */
  target: string;
  /** One attempt; never rejects. */
  send: (delivery: Delivery, signal: AbortSignal) => Promise<Attempt>;
  limits: QueueLimits;
  clock: Clock;
  /** From 0 to 1, for the waits. */
  random: () => number;
  log: Logger;
}

export interface QueueFigures {
  /** Events that wait or are being sent, and the bytes of their bodies. */
  pending: number;
  pendingBytes: number;
  delivered: number;
  /** Attempts that failed. */
  failures: number;
  /** Events that were never delivered. */
  lost: number;
}

type LaneState = { is: 'ready' } | { is: 'sending'; entry: Entry } | { is: 'waiting'; cancel: () => void };

interface Entry {
  readonly delivery: Delivery;
  readonly lane: Lane;
  readonly bytes: number;
  /** On the clock of `now()`. */
  readonly until: number;
}

interface Lane {
  readonly name: string;
  /** Oldest first. */
  readonly entries: Set<Entry>;
  /** In a row. */
  failures: number;
  state: LaneState;
}

/**
 * What one target has not got yet, in bounds. Each lane is delivered in order: an event that fails is tried again, for a
 * day at most, before the next one of its lane; other lanes go on. Nobody waits for anything here.
 */
export class TargetQueue {
  readonly #options: TargetQueueOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Those that have something to send now, longest waiting first. */
  readonly #ready = new Set<Lane>();
  /** Oldest first. */
  readonly #entries = new Set<Entry>();
  readonly #attempts = new Set<AbortController>();
  readonly #figures = { delivered: 0, failures: 0, lost: 0 };
  readonly #failing: RareLog;
  readonly #full: RareLog;
  readonly #expired: RareLog;
  #bytes = 0;
  #state: 'open' | 'flushing' | 'closed' = 'open';
  #flushed: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TargetQueueOptions) {
    this.#options = options;
    this.#failing = new RareLog(options.clock);
    this.#full = new RareLog(options.clock);
    this.#expired = new RareLog(options.clock);
  }

  get figures(): QueueFigures {
    return { pending: this.#entries.size, pendingBytes: this.#bytes, ...this.#figures };
  }

  add(delivery: Delivery): void {
    if (this.#state === 'closed') {
      this.#figures.lost += 1;
      return;
    }
    const lane = this.#laneOf(delivery.lane);
    const bytes = Buffer.byteLength(delivery.body);
    const entry = { delivery, lane, bytes, until: this.#options.clock.now() + keptMs };
    lane.entries.add(entry);
    this.#entries.add(entry);
    this.#bytes += bytes;
    this.#keepWithinBounds(entry);
    this.#pump();
  }

  /** Tries all that is left at once, and gives up what could not be delivered within `ms`. */
  close(ms: number): Promise<void> {
    this.#closing ??= this.#close(ms);
    return this.#closing;
  }

  async #close(ms: number): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'flushing';
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#flushed = resolve;
      const cancel = this.#options.clock.after(ms, resolve);
      for (const lane of this.#lanes.values()) if (lane.state.is === 'waiting') this.#wake(lane);
      this.#pump();
      if (this.#entries.size > 0) await promise;
      cancel();
    }
    const count = this.#end();
    const { target, log } = this.#options;
    if (count > 0) log.warn({ target, count }, 'webhook events are lost: the server stops, and they could not be sent');
  }

  #laneOf(name: string): Lane {
    const existing = this.#lanes.get(name);
    if (existing) return existing;
    const lane: Lane = { name, entries: new Set(), failures: 0, state: { is: 'ready' } };
    this.#lanes.set(name, lane);
    this.#ready.add(lane);
    return lane;
  }

  #keepWithinBounds(newest: Entry): void {
    const { limits, target, log } = this.#options;
    for (const entry of this.#entries) {
      if (this.#entries.size <= limits.events && this.#bytes <= limits.bytes) return;
      const { state } = entry.lane;
      // What is being sent may arrive.
      if (entry === newest || (state.is === 'sending' && state.entry === entry)) continue;
      this.#lose(entry);
      this.#full.note((count) => log.warn({ target, count }, 'webhook events are lost: too many wait, the oldest go'));
    }
  }

  #pump(): void {
    for (const lane of this.#ready) {
      if (this.#attempts.size >= mostAtOnce) return;
      this.#ready.delete(lane);
      this.#dropExpired(lane);
      const [entry] = lane.entries;
      if (entry) void this.#send(lane, entry);
    }
  }

  async #send(lane: Lane, entry: Entry): Promise<void> {
    lane.state = { is: 'sending', entry };
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    const late = () => attempt.abort(new Error(`it did not answer within ${attemptMs / 1000} s`));
    const cancel = this.#options.clock.after(attemptMs, late);
    const result = await this.#options.send(entry.delivery, attempt.signal);
    cancel();
    this.#attempts.delete(attempt);
    if (this.#state === 'closed') return;
    this.#settle(lane, entry, result);
    this.#pump();
  }

  #settle(lane: Lane, entry: Entry, result: Attempt): void {
    const { target, log } = this.#options;
    switch (result.is) {
      case 'delivered':
        this.#figures.delivered += 1;
        lane.failures = 0;
        this.#wake(lane);
        this.#remove(entry);
        return;
      case 'gone': {
        const count = this.#end();
        log.warn({ target, count }, 'webhook target answered 410 Gone: it gets no more until the server is restarted');
        return;
      }
      case 'failed': {
        const { why } = result;
        lane.failures += 1;
        this.#figures.failures += 1;
        this.#failing.note((count) =>
          log.warn({ target, why, count }, 'webhook not delivered: it will be tried again'),
        );
        this.#wait(lane, result.askedMs);
        return;
      }
      default:
        result satisfies never;
    }
  }

  #wait(lane: Lane, askedMs: number | undefined): void {
    const { random, clock } = this.#options;
    // Whoever stops soon does not wait long.
    const delayMs =
      this.#state === 'flushing' ? retryDelayMs(1, random()) : retryDelayMs(lane.failures, random(), askedMs);
    const cancel = clock.after(delayMs, () => {
      this.#wake(lane);
      this.#pump();
    });
    lane.state = { is: 'waiting', cancel };
  }

  #wake(lane: Lane): void {
    if (lane.state.is === 'waiting') lane.state.cancel();
    lane.state = { is: 'ready' };
    this.#ready.add(lane);
  }

  #dropExpired(lane: Lane): void {
    const { clock, target, log } = this.#options;
    for (const entry of lane.entries) {
      if (entry.until > clock.now()) return;
      this.#lose(entry);
      this.#expired.note((count) => log.warn({ target, count }, 'webhook events are lost: tried for a day in vain'));
    }
  }

  #lose(entry: Entry): void {
    this.#figures.lost += 1;
    this.#remove(entry);
  }

  #remove(entry: Entry): void {
    const { lane, bytes } = entry;
    lane.entries.delete(entry);
    this.#entries.delete(entry);
    this.#bytes -= bytes;
    if (lane.entries.size === 0) {
      if (lane.state.is === 'waiting') lane.state.cancel();
      this.#lanes.delete(lane.name);
      this.#ready.delete(lane);
    }
    if (this.#entries.size === 0) this.#flushed?.();
  }

  /** @returns how many events were not delivered */
  #end(): number {
    this.#state = 'closed';
    const count = this.#entries.size;
    for (const attempt of this.#attempts) attempt.abort(new Error('the server stops'));
    for (const entry of this.#entries) this.#lose(entry);
    this.#flushed?.();
    return count;
  }
}
