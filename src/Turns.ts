/** From so many on that wait nothing more is read of a sender. */
const fewWaiting = 16;
/** The same for their size, as a share of the most that may wait. */
const fewSize = 0.25;
/** So many of somebody who has gone are still read, one by one. */
const fewAfterwards = 64;

/** Who sends packets, and can be kept from sending more. */
export interface Sender {
  /** Where it is, by which those who wait take turns first. */
  readonly place: string;
  /** Not for those who send nothing more anyway. */
  pause?(): void;
  resume?(): void;
}

/** How much of one sender may wait at all. */
export interface MostWaiting {
  readonly packets: number;
  /** Of all of them together, as `take()` is told. */
  readonly size: number;
}

export interface TurnsOptions {
  /** So much is done of one place in one turn of the event loop. Default: all that is done in it. */
  ofPlace?: number;
  most?: MostWaiting;
  /** Calls back when everything else that waits has had its turn. */
  later?: (work: () => void) => void;
}

interface Packet {
  readonly size: number;
  readonly ends: boolean;
  readonly work: () => void;
}

const unbounded = { packets: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };

interface Waiting {
  /** As it was when the first of them came: packets of one sender stay in their order. */
  readonly place: string;
  packets: Packet[];
  size: number;
}

/**
 * Has places take turns, and in each place its sockets, one packet at a time: a socket that sends thousands at once, and an
 * address from which hundreds of such sockets come, keep nobody waiting but themselves, since the rest of it stays in
 * their own connections. Where little comes, all of it is read at once. Packets are counted and not time, since what a
 * packet costs is spent after it was read.
 */
export class Turns {
  readonly #inTurn: number;
  readonly #ofPlace: number;
  readonly #most: MostWaiting;
  readonly #later: (work: () => void) => void;
  readonly #waiting = new Map<Sender, Waiting>();
  /** By place, those of it who wait; in both, whoever is next comes first. */
  readonly #places = new Map<string, Set<Sender>>();
  #left: number;
  /** By place, what was done of it in this turn. */
  readonly #had = new Map<string, number>();
  #planned = false;

  /** @param inTurn so much is done in one turn of the event loop, before everything else has its turn again */
  constructor(inTurn: number, { ofPlace = inTurn, most = unbounded, later = setImmediate }: TurnsOptions = {}) {
    this.#inTurn = inTurn;
    this.#ofPlace = ofPlace;
    this.#left = inTurn;
    this.#most = most;
    this.#later = later;
  }

  /**
   * Does the work now or when it is its turn; that of one sender in its order.
   *
   * @param packet its size, and whether its sender says goodbye with it
   * @returns false where as much of this sender waits as may: one that keeps sending although nothing more is read of it,
   * or has sent that much at once. The work is not done then.
   * @throws what the work throws now
   */
  take(sender: Sender, work: () => void, { size = 0, ends = false } = {}): boolean {
    this.#plan();
    const packet = { size, ends, work };
    const waiting = this.#waiting.get(sender);
    if (waiting) return this.#add(sender, waiting, packet);
    if (this.#left <= 0 || !this.#mayGo(sender.place)) {
      return this.#add(sender, this.#wait(sender, { place: sender.place, packets: [], size: 0 }), packet);
    }
    this.#count(sender.place);
    work();
    return true;
  }

  /**
   * Of a sender that has gone: what waits of it has its turn all the same, and `done` is called after that; at once where
   * nothing waits. Where it is much, only what the sender says goodbye with: nobody who comes and goes again and again
   * leaves the server with ever more to read.
   */
  finish(sender: Sender, done: () => void): void {
    const waiting = this.#waiting.get(sender);
    const left = waiting ? lastOf(waiting, this.#most) : [];
    if (!waiting || left.length === 0) {
      this.forget(sender);
      done();
      return;
    }
    waiting.packets = [...left, { size: 0, ends: false, work: done }];
    waiting.size = left.reduce((size, packet) => size + packet.size, 0);
  }

  /** What waits of this sender is forgotten. */
  forget(sender: Sender): void {
    const waiting = this.#waiting.get(sender);
    if (!waiting) return;
    this.#waiting.delete(sender);
    const senders = this.#places.get(waiting.place);
    senders?.delete(sender);
    if (senders?.size === 0) this.#places.delete(waiting.place);
  }

  #add(sender: Sender, waiting: Waiting, packet: Packet): boolean {
    const { packets } = waiting;
    const size = waiting.size + packet.size;
    // One packet may always wait, however large.
    if (packets.length >= this.#most.packets || (packets.length > 0 && size > this.#most.size)) return false;
    packets.push(packet);
    waiting.size = size;
    if (packets.length >= fewWaiting || size > fewSize * this.#most.size) sender.pause?.();
    return true;
  }

  /** To the end of the line of its place. */
  #wait(sender: Sender, waiting: Waiting): Waiting {
    this.#waiting.set(sender, waiting);
    this.#places.set(waiting.place, (this.#places.get(waiting.place) ?? new Set()).add(sender));
    return waiting;
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#later(() => {
      this.#planned = false;
      this.#left = this.#inTurn;
      this.#had.clear();
      while (this.#left > 0 && this.#next());
      if (this.#waiting.size > 0) this.#plan();
    });
  }

  /** @returns false where nobody is left who may have a turn now */
  #next(): boolean {
    for (const [place, senders] of this.#places) {
      if (!this.#mayGo(place)) continue;
      // To the end of the line of places; with its last sender it goes.
      this.#places.delete(place);
      this.#places.set(place, senders);
      for (const sender of senders) {
        this.#read(sender);
        return true;
      }
    }
    return false;
  }

  #mayGo(place: string): boolean {
    return (this.#had.get(place) ?? 0) < this.#ofPlace;
  }

  #count(place: string): void {
    this.#left -= 1;
    this.#had.set(place, (this.#had.get(place) ?? 0) + 1);
  }

  #read(sender: Sender): void {
    const waiting = this.#waiting.get(sender);
    const packet = waiting?.packets.shift();
    this.forget(sender);
    if (waiting && packet) waiting.size -= packet.size;
    if (waiting && waiting.packets.length > 0) this.#wait(sender, waiting);
    else sender.resume?.();
    this.#count(waiting?.place ?? sender.place);
    packet?.work();
  }
}

function lastOf({ packets, size }: Waiting, most: MostWaiting): readonly Packet[] {
  if (packets.length <= fewAfterwards && size <= fewSize * most.size) return packets;
  return packets.filter(({ ends }) => ends).slice(0, 1);
}
