import type { Participant } from './Participant.ts';
import type { Present } from './Present.ts';
import type { Clock } from './ports.ts';

/** As the deltas of the room. */
const intervalMs = 100;

/**
 * Tells of those whom the shared deltas of a large room leave out: each one of oneself, and of the people whom one
 * receives, who were introduced by `subscriptionsAdded`.
 */
export class PersonalNews {
  readonly #clock: Clock;
  readonly #present: Present;
  readonly #isUnseen: (participant: Participant) => boolean;
  readonly #changed = new Set<Participant>();
  #cancel: (() => void) | undefined;

  /** @param isUnseen whether the deltas leave somebody out now */
  constructor(clock: Clock, present: Present, isUnseen: (participant: Participant) => boolean) {
    this.#clock = clock;
    this.#present = present;
    this.#isUnseen = isUnseen;
  }

  /** Something of this participant or of its publications has changed. */
  changed(participant: Participant): void {
    this.#changed.add(participant);
    this.#cancel ??= this.#clock.after(intervalMs, () => this.#flush());
  }

  close(): void {
    this.#changed.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #flush(): void {
    this.#cancel = undefined;
    // Of who has gone, or has come into sight again, everybody hears by a delta.
    const changed = [...this.#changed].filter(this.#isUnseen);
    this.#changed.clear();
    this.#present.concerned(changed, (present, concerns) => {
      const publications = concerns.filter((each) => each !== present).flatMap((each) => receivedOf(present, each));
      present.link.notify('knownChanged', { participants: concerns.map(({ info }) => info), publications });
    });
  }
}

function receivedOf({ subscriptions }: Participant, { publications }: Participant) {
  return publications
    .filter(({ publicationId }) => subscriptions.consumerOf(publicationId) !== undefined)
    .map(({ info }) => info);
}
