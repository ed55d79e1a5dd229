/**
 * Owns what has to be undone: `close()` runs once and undoes newest first. A child that fails to close does not keep
 * the others open; the first failure is thrown at the end.
 */
export class Scope {
  readonly #children: (() => void | Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Adds what undoes the thing that was just made. */
  add(close: () => void | Promise<void>): void {
    this.#children.push(close);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#children.toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
