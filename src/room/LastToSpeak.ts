/** Those who spoke last count as speakers, also while they listen. */
const most = 25;

/** Who counts as a speaker in a room's roster. */
export class LastToSpeak {
  /** Participants; who spoke last comes last. */
  readonly #spoke = new Set<string>();

  has(participantId: string): boolean {
    return this.#spoke.has(participantId);
  }

  delete(participantId: string): void {
    this.#spoke.delete(participantId);
  }

  /**
   * They speak now; loudest first.
   * @returns who is a speaker from now on, or may be, and who is no more
   */
  speak(participantIds: readonly string[]): string[] {
    for (const participantId of participantIds.toReversed()) {
      this.#spoke.delete(participantId);
      this.#spoke.add(participantId);
    }
    const forgotten = [...this.#spoke].slice(0, Math.max(0, this.#spoke.size - most));
    for (const participantId of forgotten) this.#spoke.delete(participantId);
    return [...participantIds.toReversed(), ...forgotten];
  }
}
