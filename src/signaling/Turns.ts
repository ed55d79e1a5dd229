/**
 * So many packets are read in one turn of the event loop, before everything else has its turn again. Few: Node takes one
 * new connection in each turn.
 */
const packetsInTurn = 8;
/** From so many on that wait nothing more is read of a sender. */
const fewWaiting = 16;

/** Who sends packets, and can be kept from sending more. */
export interface Sender {
  pause(): void;
  resume(): void;
}

/**
 * Has the sockets take turns, one packet at a time: a socket that sends thousands at once keeps nobody waiting but
 * itself, since the rest of it stays in its own connection. Where little comes, all of it is read at once. Packets are
 * counted and not time, since what a packet costs is spent after it was read.
 */
export class Turns {
  readonly #later: (work: () => void) => void;
  /** By the one who sends; whoever is next comes first. */
  readonly #waiting = new Map<Sender, (() => void)[]>();
  #left = packetsInTurn;
  #planned = false;

  /** @param later calls back when everything else that waits has had its turn */
  constructor(later: (work: () => void) => void = setImmediate) {
    this.#later = later;
  }

  /** Does the work now or when it is its turn; that of one sender in its order. @throws what the work throws now */
  take(sender: Sender, work: () => void): void {
    this.#plan();
    const queue = this.#waiting.get(sender);
    if (queue) {
      queue.push(work);
      if (queue.length === fewWaiting) sender.pause();
    } else if (this.#left <= 0) this.#waiting.set(sender, [work]);
    else {
      this.#left -= 1;
      work();
    }
  }

  /** What waits of this sender is forgotten. */
  forget(sender: Sender): void {
    this.#waiting.delete(sender);
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#later(() => {
      this.#planned = false;
      this.#left = packetsInTurn;
      while (this.#left > 0 && this.#waiting.size > 0) this.#next();
      if (this.#waiting.size > 0) this.#plan();
    });
  }

  #next(): void {
    for (const [sender, queue] of this.#waiting) {
      const work = queue.shift();
      // To the end of the line, if there is more of it.
      this.#waiting.delete(sender);
      if (queue.length > 0) this.#waiting.set(sender, queue);
      else sender.resume();
      this.#left -= 1;
      work?.();
      return;
    }
  }
}
