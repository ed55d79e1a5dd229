/** How many there are right now, by key. */
export class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** @returns to be called once when it is gone */
  add(key: string): () => void {
    this.#counts.set(key, this.of(key) + 1);
    return () => {
      const rest = this.of(key) - 1;
      if (rest > 0) this.#counts.set(key, rest);
      else this.#counts.delete(key);
    };
  }
}
