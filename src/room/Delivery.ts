/** One reliable message on its way: settled when nobody waits for it any more. */
export class Delivery {
  readonly frame: Uint8Array;
  /** Whether it is for everybody; then those who leave, or take no part in data, are not missing. */
  readonly toAll: boolean;
  readonly #settled: (missing: readonly string[], left: readonly string[]) => void;
  readonly #missing: string[] = [];
  readonly #left: string[] = [];
  /** One for the sending itself. */
  #open = 1;

  /** @param settled gets the participantIds of those who are there and did not get it, and of those who have left */
  constructor(
    frame: Uint8Array,
    toAll: boolean,
    settled: (missing: readonly string[], left: readonly string[]) => void,
  ) {
    this.frame = frame;
    this.toAll = toAll;
    this.#settled = settled;
  }

  get size(): number {
    return this.frame.byteLength;
  }

  /** Somebody waits for it; to be followed by one `done()`. */
  hold(): void {
    this.#open += 1;
  }

  done(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#settled(this.#missing, this.#left);
  }

  /** Somebody is there and does not get it. */
  miss(participantId: string): void {
    this.#missing.push(participantId);
  }

  /** Somebody does not get it, since they are not in the room any more. */
  missLeft(participantId: string): void {
    this.#left.push(participantId);
  }
}
