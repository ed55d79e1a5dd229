import { PlenumError } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';
import { AllOf, type Limit, type Rate, TokenBucket } from '../room/TokenBucket.ts';
import { weightOf } from './weights.ts';

type MeteredKind = 'joins' | 'requests' | 'chat';

export interface MeterOptions {
  limitJoins: { socket: Rate };
  limitRequests: { socket: Rate };
  limitChat: { socket: Rate };
}

/** Refusals that a socket may run into. The SDK waits after each; who goes on at many times a limit is cut. */
const refusals: Rate = { perSecond: 5, burst: 100 };
/** Answers to heartbeats: one is asked for about each second. */
const heartbeats: Rate = { perSecond: 10, burst: 50 };

const whatOf: Record<MeteredKind, string> = { joins: 'joins', requests: 'requests', chat: 'chat messages' };

/** What comes over one socket, against the limits of the socket and those that it shares with others. */
export class Meter {
  readonly #own: Record<MeteredKind, TokenBucket>;
  readonly #shared: (kind: MeteredKind) => readonly Limit[];
  readonly #refusals: TokenBucket;
  readonly #heartbeats: TokenBucket;
  #worn = false;

  /** @param shared the limits of a kind that others count against as well */
  constructor(
    clock: Clock,
    { limitJoins, limitRequests, limitChat }: MeterOptions,
    shared: (kind: MeteredKind) => readonly Limit[],
  ) {
    this.#own = {
      joins: new TokenBucket(clock, limitJoins.socket),
      requests: new TokenBucket(clock, limitRequests.socket),
      chat: new TokenBucket(clock, limitChat.socket),
    };
    this.#shared = shared;
    this.#refusals = new TokenBucket(clock, refusals);
    this.#heartbeats = new TokenBucket(clock, heartbeats);
  }

  /** Whether it has gone on at many times its limits: to be disconnected. */
  get worn(): boolean {
    return this.#worn;
  }

  /**
   * For each request, before it is looked at.
   * @throws PlenumError `rate-limited` with `retryAfterMs`; nothing has been counted then
   */
  take(name: string): void {
    const units: [MeteredKind, number][] = [['requests', weightOf(name)]];
    if (name === 'join') units.push(['joins', 1]);
    if (name === 'sendChat') units.push(['chat', 1]);
    const wanted = units.map(([kind, count]) => ({ kind, count, limit: this.#limitOf(kind) }));
    for (const { kind, count, limit } of wanted) {
      const waitMs = count > 0 ? limit.waitMs(count) : 0;
      if (waitMs > 0) {
        this.refused();
        throw tooMany(whatOf[kind], waitMs);
      }
    }
    for (const { count, limit } of wanted) limit.take(count);
  }

  /** Something was refused that no client of ours goes on with. */
  refused(): void {
    if (!this.#refusals.tryTake(1)) this.#worn = true;
  }

  /** For each answer to a heartbeat, asked for or not. */
  heartbeat(): void {
    if (!this.#heartbeats.tryTake(1)) this.#worn = true;
  }

  #limitOf(kind: MeteredKind): Limit {
    return new AllOf([this.#own[kind], ...this.#shared(kind)]);
  }
}

export function tooMany(what: string, waitMs: number): PlenumError {
  return new PlenumError('rate-limited', `too many ${what} in too short a time`, { retryAfterMs: Math.ceil(waitMs) });
}
