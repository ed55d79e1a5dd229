/**
 * Places in a room, by who holds them: a person, so that whoever comes a second time, or is just arriving again, takes no
 * second one; or, where people may be there more than once, each of their visits.
 */
export class Places {
  readonly #visits = new Map<string, number>();

  /**
   * A second visit of a person takes the place of the first, and somebody arriving may be a participant already.
   * @param most may be fewer than there are by now
   */
  hasRoomFor(holder: string, most: number): boolean {
    return this.#visits.has(holder) || this.#visits.size < most;
  }

  has(holder: string): boolean {
    return this.#visits.has(holder);
  }

  /** How many others have a place. */
  besides(holder: string): number {
    return this.#visits.size - (this.#visits.has(holder) ? 1 : 0);
  }

  /** How many have a place. */
  get taken(): number {
    return this.#visits.size;
  }

  take(holder: string): void {
    this.#visits.set(holder, (this.#visits.get(holder) ?? 0) + 1);
  }

  release(holder: string): void {
    const visits = (this.#visits.get(holder) ?? 0) - 1;
    if (visits > 0) this.#visits.set(holder, visits);
    else this.#visits.delete(holder);
  }
}
