import { subscriptionsOf } from './received.ts';
import type { Joined, Stage } from './stage.ts';
import type { Voice } from './Voice.ts';
import { waitFor } from './waitFor.ts';

/** The publications whose packets go to somebody now: those of consumers that are not paused. */
export function heardBy(stage: Stage, person: Joined): string[] {
  const flowing = new Set(stage.consumers.filter(({ paused }) => !paused).map(({ id }) => id));
  const subscribed = [...subscriptionsOf(person)].filter(([subscriptionId]) => flowing.has(subscriptionId));
  return subscribed.map(([, { publicationId }]) => publicationId).toSorted();
}

export const idsOf = (voices: readonly (Voice | undefined)[]): string[] =>
  voices.map((voice) => voice?.publicationId ?? '').toSorted();

/** Waits until somebody hears exactly these. */
export async function hears(stage: Stage, person: Joined, wanted: readonly (Voice | undefined)[]): Promise<void> {
  const expected = idsOf(wanted).join();
  try {
    await waitFor(`the voices ${expected}`, () => heardBy(stage, person).join() === expected, { intervalMs: 5 });
  } catch (error) {
    throw new Error(`heard instead: ${heardBy(stage, person)}`, { cause: error });
  }
}

/** The length of a pause between words is what matters here. */
export async function passes(ms: number): Promise<void> {
  const until = performance.now() + ms;
  await waitFor('time to pass', () => performance.now() > until, { intervalMs: 5 });
}
