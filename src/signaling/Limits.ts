import { addressKey } from '../addressKey.ts';
import { PlenumError } from '../protocol/index.ts';
import { BucketPool } from '../room/BucketPool.ts';
import type { Clock } from '../room/ports.ts';
import { AllOf, type Limit, type Rate } from '../room/TokenBucket.ts';
import { Counts } from './Counts.ts';
import { Meter, tooMany } from './Meter.ts';

/** Whom a limit is for, besides one socket. */
export type Shared = 'identity' | 'address' | 'room';
type SharedRates = Readonly<Record<Shared, Rate>>;
type AllRates = Readonly<Record<Shared | 'socket', Rate>>;

export interface LimitOptions {
  /** One socket makes one handshake. */
  limitConnects: SharedRates;
  /** HTTP requests of those who have no WebSocket. */
  limitPolling: { address: Rate };
  limitJoins: AllRates;
  limitRequests: AllRates;
  limitChat: AllRates;
  /** Of one visit `dataBitrate` and `dataMessages` say it. */
  limitData: SharedRates;
  /** Requests of one visit that are worked on at a time. */
  maxPending: number;
  /** Connections at a time from one address, and of one identity in a room. */
  maxAddressSockets: number;
  maxIdentitySockets: number;
}

/** Who is at the other end of a socket. */
export interface Caller {
  /** As `clientAddress` gives it. */
  address: string;
  room: string;
  identity: string;
}

const kinds = ['connects', 'joins', 'requests', 'chat', 'data'] as const;
export type Kind = (typeof kinds)[number];
type Pools = Record<Shared, BucketPool>;

/** Whoever is refused comes back at another time than the others. Milliseconds. */
const spreadMs = 1000;
/** Refusals that say why cost a handshake: for so many of those that are too many. */
const politeShare = 0.1;
/** When to come again where too many are there: others have to go first, and nobody knows when. Milliseconds. */
const crowdedMs = 5000;
/** Of the connections of one address, for those over which nobody has joined: they keep out nobody's neighbours. */
const newcomerShare = 0.5;

/** A connection from some address, while it is there. */
export interface OpenConnection {
  /** It is known who is there. */
  letIn(): void;
  /** Somebody has joined over it, or come back. */
  joined(): void;
  /** Called once. */
  gone(): void;
}

/** The limits that several sockets share: per identity, per address and per room. */
export class Limits {
  readonly #clock: Clock;
  readonly #options: LimitOptions;
  readonly #pools: Record<Kind, Pools>;
  readonly #polite: BucketPool;
  readonly #polling: BucketPool;
  readonly #fromAddress = new Counts();
  /** Those of them over which nobody has joined yet. */
  readonly #newcomers = new Counts();
  /** Those who have not said yet who they are. */
  readonly #strangers = new Counts();
  readonly #ofPerson = new Counts();

  constructor(clock: Clock, options: LimitOptions) {
    this.#clock = clock;
    this.#options = options;
    const pools = ({ identity, address, room }: SharedRates): Pools => ({
      identity: new BucketPool(clock, identity),
      address: new BucketPool(clock, address),
      room: new BucketPool(clock, room),
    });
    this.#pools = {
      connects: pools(options.limitConnects),
      joins: pools(options.limitJoins),
      requests: pools(options.limitRequests),
      chat: pools(options.limitChat),
      data: pools(options.limitData),
    };
    this.#polling = new BucketPool(clock, options.limitPolling.address);
    const { perSecond, burst } = options.limitConnects.address;
    this.#polite = new BucketPool(clock, {
      perSecond: perSecond * politeShare,
      burst: Math.max(1, burst * politeShare),
    });
  }

  /**
   * For each handshake, before anything else is known of it. `refuse` is how to tell who is one too many: with a typed
   * error, or, where very many come, at once and without a reason, which costs the least. `crowded` is for everybody but
   * those who come back to a visit: too many are connected from there already.
   */
  knock(
    address: string,
  ): { allowed: true; crowded?: PlenumError } | { allowed: false; refuse: PlenumError | 'silently' } {
    const key = addressKey(address);
    const bucket = this.#pools.connects.address.of(key);
    const waitMs = bucket.waitMs(1);
    if (waitMs === 0) {
      bucket.take(1);
      return { allowed: true, ...(this.#isCrowded(key) && { crowded: tooManyAtOnce('your address') }) };
    }
    if (!this.#polite.of(key).tryTake(1)) return { allowed: false, refuse: 'silently' };
    return { allowed: false, refuse: tooMany('connections', waitMs + Math.random() * spreadMs) };
  }

  /** For each HTTP request of signaling. @returns 0 where it may go on; else after how many milliseconds it might */
  poll(address: string): number {
    const bucket = this.#polling.of(addressKey(address));
    const waitMs = bucket.waitMs(1);
    if (waitMs === 0) bucket.take(1);
    return waitMs;
  }

  #isCrowded(key: string): boolean {
    const { maxAddressSockets: most } = this.#options;
    return this.#fromAddress.of(key) >= most || this.#newcomers.of(key) >= Math.ceil(most * newcomerShare);
  }

  /** There is a connection from that address. */
  opened(address: string): OpenConnection {
    const key = addressKey(address);
    const gone = this.#fromAddress.add(key);
    const settle = once(this.#newcomers.add(key));
    const letIn = once(this.#strangers.add(key));
    return {
      letIn,
      joined: settle,
      gone: () => {
        letIn();
        settle();
        gone();
      },
    };
  }

  /** Connections from that address over which nobody has said yet who it is. */
  strangersOf(address: string): number {
    return this.#strangers.of(addressKey(address));
  }

  /**
   * For each handshake whose token is good; `knock()` has seen to the address.
   * @throws PlenumError `rate-limited` with `retryAfterMs`
   */
  connect({ room, identity }: Omit<Caller, 'address'>): void {
    const { connects } = this.#pools;
    const limit = new AllOf([connects.identity.of(personKey(room, identity)), connects.room.of(room)]);
    const waitMs = limit.waitMs(1);
    if (waitMs > 0) throw tooMany('connections', waitMs + Math.random() * spreadMs);
    limit.take(1);
    const there = this.#ofPerson.of(personKey(room, identity));
    if (there >= this.#options.maxIdentitySockets) throw tooManyAtOnce('the same person');
  }

  /** `connect()` has let somebody in. @returns to be called when the connection is gone */
  connected({ room, identity }: Omit<Caller, 'address'>): () => void {
    return this.#ofPerson.add(personKey(room, identity));
  }

  /** What one socket may do. */
  meter(caller: Caller): Meter {
    return new Meter(this.#clock, this.#options, (kind) => this.#of(kind, caller));
  }

  /** What somebody may send over data channels, besides the limit of each visit. In messages of 16 KiB. */
  data(caller: Caller): Limit {
    return {
      waitMs: (units) => new AllOf(this.#of('data', caller)).waitMs(units),
      take: (units) => new AllOf(this.#of('data', caller)).take(units),
    };
  }

  close(): void {
    this.#polite.close();
    this.#polling.close();
    for (const pools of Object.values(this.#pools)) for (const pool of Object.values(pools)) pool.close();
  }

  /** Looked up each time: a bucket that nobody has used is forgotten. */
  #of(kind: Kind, { address, room, identity }: Caller): Limit[] {
    const pools = this.#pools[kind];
    return [pools.identity.of(personKey(room, identity)), pools.address.of(addressKey(address)), pools.room.of(room)];
  }
}

function once(work: () => void): () => void {
  let left: (() => void) | undefined = work;
  return () => {
    left?.();
    left = undefined;
  };
}

function tooManyAtOnce(whose: string): PlenumError {
  const retryAfterMs = Math.ceil(crowdedMs + Math.random() * spreadMs);
  return new PlenumError('rate-limited', `too many connections of ${whose} at a time`, { retryAfterMs });
}

/** Identities are the application's own, and may mean somebody else in another room. */
function personKey(room: string, identity: string): string {
  return `${room}\n${identity}`;
}
