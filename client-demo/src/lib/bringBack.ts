import type { ListOptions, ModerationInput } from '../../../src/client/index.ts';
import { familyOf } from './breakouts.ts';
import { codeOf } from './failures.ts';
import type { DeedWords } from './personActions.ts';

/** What is needed of a breakout room. */
export interface Breakout {
  readonly name: string;
  readonly local: Member | undefined;
  listParticipants(
    options: ListOptions,
  ): Promise<{ readonly participants: readonly Member[]; readonly next: string | undefined }>;
  moderate(moderation: ModerationInput): Promise<void>;
}

interface Member {
  readonly participantId: string;
  readonly identity: string;
}

/** The most that the server lists on one page. */
const pageLimit = 100;
/** So many are moved at a time: who goes on asking for more than the server grants is disconnected. */
const atOnce = 4;

export const bringBackWords: DeedWords = {
  done: 'Everybody is back in the main room',
  failed: 'Not everybody could be brought back',
};

/**
 * Moves everybody from a breakout room to the main room, whether or not this page knows of them; oneself last, and only
 * when all the others are there: moderators act only where they are.
 *
 * @throws what kept somebody here, when all have been tried
 */
export async function bringBack(room: Breakout): Promise<void> {
  const main = familyOf(room.name);
  const move = ({ participantId }: Member) => room.moderate({ action: 'move', participantId, room: main });
  const self = room.local;
  // All visits of one person go together.
  const others = (await everybodyIn(room)).filter(({ identity }) => identity !== self?.identity);
  const failures: unknown[] = [];
  while (others.length > 0) {
    const moved = await Promise.allSettled(others.splice(0, atOnce).map(move));
    failures.push(...moved.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])));
  }
  // Whoever has left meanwhile, or gone along with another visit of the same person, is not there to be found.
  const kept = failures.filter((failure) => codeOf(failure) !== 'not-found');
  if (kept.length > 0) throw kept[0];
  if (self) await move(self);
}

async function everybodyIn(room: Breakout): Promise<Member[]> {
  const people: Member[] = [];
  let after: string | undefined;
  do {
    const page = await room.listParticipants({ limit: pageLimit, ...(after !== undefined && { after }) });
    people.push(...page.participants);
    after = page.next;
  } while (after !== undefined);
  return people;
}
