/** Places in a room, by identity: whoever comes a second time, or is just arriving again, takes no second one. */
export class Places {
  readonly #visits = new Map<string, number>();

  /**
   * By identity: a second visit takes the place of the first, and somebody arriving may be a participant already.
   * @param most may be fewer than there are by now
   */
  hasRoomFor(identity: string, most: number): boolean {
    return this.#visits.has(identity) || this.#visits.size < most;
  }

  /** How many other identities have a place. */
  besides(identity: string): number {
    return this.#visits.size - (this.#visits.has(identity) ? 1 : 0);
  }

  /** How many identities have a place. */
  get taken(): number {
    return this.#visits.size;
  }

  take(identity: string): void {
    this.#visits.set(identity, (this.#visits.get(identity) ?? 0) + 1);
  }

  release(identity: string): void {
    const visits = (this.#visits.get(identity) ?? 0) - 1;
    if (visits > 0) this.#visits.set(identity, visits);
    else this.#visits.delete(identity);
  }
}
