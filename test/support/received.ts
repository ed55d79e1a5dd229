import type { Notice } from '../../src/protocol/index.ts';
import type { Joined } from './stage.ts';
import { waitFor } from './waitFor.ts';

type Subscription = Joined['answer']['subscriptions'][number];

/** What the answer to the join and the notices so far add up to: what somebody is subscribed to, by subscription id. */
export function subscriptionsOf({ answer, notices }: Joined): Map<string, Subscription> {
  const held = new Map(answer.subscriptions.map((each) => [each.subscriptionId, each]));
  for (const { name, payload } of notices) {
    if (name === 'subscriptionsAdded') {
      const { subscriptions } = payload as Notice<'subscriptionsAdded'>;
      for (const each of subscriptions) held.set(each.subscriptionId, each);
    }
    if (name === 'subscriptionsRemoved') {
      for (const each of (payload as Notice<'subscriptionsRemoved'>).subscriptionIds) held.delete(each);
    }
  }
  return held;
}

/** The publications that somebody is subscribed to, sorted. */
export function receiving(person: Joined): string[] {
  return [...subscriptionsOf(person).values()].map(({ publicationId }) => publicationId).toSorted();
}

export async function received(person: Joined, publicationIds: readonly string[]): Promise<void> {
  const wanted = publicationIds.toSorted().join();
  await waitFor(`subscriptions to ${wanted}`, () => receiving(person).join() === wanted);
}
