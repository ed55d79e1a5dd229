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

  /** Calls `tell` for each one whom one of these participants concerns: itself, and who receives something of it. */
  concerned(about: readonly Participant[], tell: (present: Participant, concerns: Participant[]) => void): void {
    if (about.length === 0) return;
    for (const present of this.#participants) {
      const concerns = about.filter((participant) => participant === present || receives(present, participant));
      if (concerns.length > 0) tell(present, concerns);
    }
  }
}

/** Whether one of them receives something of the other. */
function receives({ subscriptions }: Participant, { publications }: Participant): boolean {
  return publications.some(({ publicationId }) => subscriptions.consumerOf(publicationId) !== undefined);
}
