/** Who is there, by identity; with `--duplicate-identities allow` several may have the same. */
export class IdentityIndex<T extends { readonly identity: string }> {
  readonly #all = new Map<string, Set<T>>();

  /** In the order in which they came. */
  all(identity: string): readonly T[] {
    return [...(this.#all.get(identity) ?? [])];
  }

  /** Who came last. */
  last(identity: string): T | undefined {
    return this.all(identity).at(-1);
  }

  add(one: T): void {
    this.#all.set(one.identity, (this.#all.get(one.identity) ?? new Set<T>()).add(one));
  }

  delete(one: T): void {
    const those = this.#all.get(one.identity);
    those?.delete(one);
    if (those?.size === 0) this.#all.delete(one.identity);
  }

  clear(): void {
    this.#all.clear();
  }
}
