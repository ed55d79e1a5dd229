import type { Participant } from './Participant.ts';

/** Those whose join has been answered: only they can make sense of what is told to them personally. */
export class Present {
  readonly #participants = new Set<Participant>();

  add(participant: Participant): void {
    this.#participants.add(participant);
  }

  delete(participant: Participant): void {
    this.#participants.delete(participant);
  }

  has(participant: Participant): boolean {
    return this.#participants.has(participant);
  }

  each(tell: (participant: Participant) => void): void {
    for (const participant of this.#participants) tell(participant);
  }

  /** Calls `tell` for each one whom one of these participants concerns: itself, and who receives something of it. */
  concerned(
    about: readonly Participant[],
    tell: (present: Participant, concerns: readonly Participant[]) => void,
  ): void {
    const publishers = about
      .map((participant) => ({ participant, ids: participant.publications.map(({ publicationId }) => publicationId) }))
      .filter(({ ids }) => ids.length > 0);
    // Who sends nothing is received by nobody: in a large room that is true of most.
    const concerned = publishers.length > 0 ? this.#participants : about.filter((each) => this.#participants.has(each));
    const itself = new Set(about);
    for (const present of concerned) {
      const received = publishers.filter(
        ({ participant, ids }) => participant !== present && ids.some((id) => isReceived(present, id)),
      );
      const concerns = received.map(({ participant }) => participant);
      if (itself.has(present)) concerns.push(present);
      if (concerns.length > 0) tell(present, concerns);
    }
  }
}

function isReceived({ subscriptions }: Participant, publicationId: string): boolean {
  return subscriptions.consumerOf(publicationId) !== undefined;
}
