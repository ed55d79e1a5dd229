/** From so many on that wait nothing more is read of a sender. */
const fewWaiting = 16;

/** Who sends packets, and can be kept from sending more. */
export interface Sender {
  /** Where it is, by which those who wait take turns first. */
  readonly place: string;
  pause(): void;
  resume(): void;
}

interface Waiting {
  /** As it was when the first of them came: packets of one sender stay in their order. */
  readonly place: string;
  readonly works: (() => void)[];
}

/**
 * Has places take turns, and in each place its sockets, one packet at a time: a socket that sends thousands at once, and an
 * address from which hundreds of such sockets come, keep nobody waiting but themselves, since the rest of it stays in
 * their own connections. Where little comes, all of it is read at once. Packets are counted and not time, since what a
 * packet costs is spent after it was read.
 */
export class Turns {
  readonly #later: (work: () => void) => void;
  readonly #waiting = new Map<Sender, Waiting>();
  /** By place, those of it who wait; in both, whoever is next comes first. */
  readonly #places = new Map<string, Set<Sender>>();
  readonly #inTurn: number;
  #left: number;
  #planned = false;

  /**
   * @param inTurn so much is done in one turn of the event loop, before everything else has its turn again
   * @param later calls back when everything else that waits has had its turn
   */
  constructor(inTurn: number, later: (work: () => void) => void = setImmediate) {
    this.#inTurn = inTurn;
    this.#left = inTurn;
    this.#later = later;
  }

  /** Does the work now or when it is its turn; that of one sender in its order. @throws what the work throws now */
  take(sender: Sender, work: () => void): void {
    this.#plan();
    const waiting = this.#waiting.get(sender);
    if (waiting) {
      waiting.works.push(work);
      if (waiting.works.length === fewWaiting) sender.pause();
    } else if (this.#left <= 0) this.#wait(sender, { place: sender.place, works: [work] });
    else {
      this.#left -= 1;
      work();
    }
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

  /** To the end of the line of its place. */
  #wait(sender: Sender, waiting: Waiting): void {
    this.#waiting.set(sender, waiting);
    this.#places.set(waiting.place, (this.#places.get(waiting.place) ?? new Set()).add(sender));
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#later(() => {
      this.#planned = false;
      this.#left = this.#inTurn;
      while (this.#left > 0 && this.#waiting.size > 0) this.#next();
      if (this.#waiting.size > 0) this.#plan();
    });
  }

  #next(): void {
    for (const [place, senders] of this.#places) {
      // To the end of the line of places; with its last sender it goes.
      this.#places.delete(place);
      this.#places.set(place, senders);
      for (const sender of senders) {
        this.#read(sender);
        return;
      }
    }
  }

  #read(sender: Sender): void {
    const waiting = this.#waiting.get(sender);
    const work = waiting?.works.shift();
    this.forget(sender);
    if (waiting && waiting.works.length > 0) this.#wait(sender, waiting);
    else sender.resume();
    this.#left -= 1;
    work?.();
  }
}
