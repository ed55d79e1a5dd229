import { DeliveryError, PlenumError } from '../protocol/index.ts';
import type { DataSeat } from './DataSeat.ts';
import type { IdentityIndex } from './IdentityIndex.ts';

/** Who is on a room's data bus. */
export interface Members {
  /** By participantId. */
  readonly seats: ReadonlyMap<string, DataSeat>;
  readonly byIdentity: IdentityIndex<DataSeat>;
}

/** Whom a message is for. */
export interface Audience {
  seats: readonly DataSeat[];
  /** Those who were named and are not there. */
  gone: readonly string[];
  /** By participantId, how the others were named, maybe twice; nobody was, where it is for all. */
  names: ReadonlyMap<string, readonly string[]>;
}

/** Pure: all that a message for all is for. Nobody hears that a hidden participant got it, since it gets none. */
export function everybody({ seats }: Members, sender?: DataSeat): Audience {
  const those = [...seats.values()].filter((other) => other !== sender && !other.hidden);
  return { seats: those, gone: [], names: new Map() };
}

/**
 * Pure: those who are named, all of them or none; but what concerns a file goes to those who are still there (`someWillDo`),
 * since its pieces build on one another.
 *
 * @throws PlenumError `bad-request` where it names its sender, DeliveryError `not-found`
 */
export function named(
  { seats, byIdentity }: Members,
  names: readonly string[],
  { sender, someWillDo = false }: { sender?: DataSeat; someWillDo?: boolean } = {},
): Audience {
  const found = new Set<DataSeat>();
  const called = new Map<string, string[]>();
  const gone: string[] = [];
  for (const name of names) {
    const one = seats.get(name);
    const those = one ? [one] : byIdentity.all(name);
    if (those.length === 1 && those[0] === sender) {
      throw new PlenumError('bad-request', 'data goes to others, not to oneself');
    }
    const recipients = those.filter((each) => each !== sender && !each.hidden);
    for (const recipient of recipients) {
      found.add(recipient);
      called.set(recipient.participantId, [...(called.get(recipient.participantId) ?? []), name]);
    }
    if (recipients.length === 0) gone.push(name);
  }
  if (gone.length > 0 && (found.size === 0 || !someWillDo)) {
    throw new DeliveryError(
      'not-found',
      'nobody was sent the message: some recipients are not in the room',
      gone,
      gone,
    );
  }
  return { seats: [...found], gone, names: called };
}
