/**
 * Who of those who may be shown has spoken lately. Speaking again changes nothing, as long as one is among those of
 * interest.
 */
export class RecentSpeakers {
  readonly #limit: number;
  /** Participants, whoever spoke last at the end. */
  readonly #order = new Set<string>();
  #eligible: ReadonlySet<string> = new Set();
  #list: ReadonlyMap<string, number> = new Map();

  /** @param limit how many are of interest */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Each with a number that is higher the later it spoke; as of the last change. */
  get list(): ReadonlyMap<string, number> {
    return this.#list;
  }

  /** Returns whether somebody new belongs to the list. */
  spoke(participantIds: readonly string[]): boolean {
    const eligible = participantIds.filter((participantId) => this.#eligible.has(participantId));
    for (const participantId of eligible) {
      this.#order.delete(participantId);
      this.#order.add(participantId);
    }
    if (eligible.every((participantId) => this.#list.has(participantId))) return false;
    this.#update();
    return true;
  }

  /** Only these count from now on; others are forgotten. */
  keep(eligible: ReadonlySet<string>): void {
    this.#eligible = eligible;
    for (const participantId of this.#order) if (!eligible.has(participantId)) this.#order.delete(participantId);
    if ([...this.#list.keys()].some((participantId) => !eligible.has(participantId))) this.#update();
  }

  #update(): void {
    this.#list = new Map([...this.#order].slice(-this.#limit).map((participantId, index) => [participantId, index]));
  }
}
