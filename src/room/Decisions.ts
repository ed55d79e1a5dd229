import type { Ban } from '../protocol/index.ts';
import { Bans } from './Bans.ts';
import type { GrantChanges } from './ChangedRights.ts';

/**
 * What has been decided about people of one room, by identity: who is banned, what was changed of their rights, and who is
 * not to be a host. Of a main room it is kept while there is a room of its family, since people come back to it from there.
 */
export class Decisions {
  readonly bans = new Bans();
  /** What was changed of what tokens say, whatever token one comes with. */
  readonly rights = new Map<string, GrantChanges>();
  /** They do not become a host by themselves: moderation was taken from them, or given up. */
  readonly formerHosts = new Set<string>();

  /** @returns all that has been changed so far */
  change(identity: string, changes: GrantChanges): GrantChanges {
    const all = { ...this.rights.get(identity), ...changes };
    this.rights.set(identity, all);
    if (changes.moderator === false) this.formerHosts.add(identity);
    return all;
  }

  /** Somebody was removed: it moderates by its token alone. */
  sentAway(identity: string): void {
    this.#takeModeration(identity);
    this.formerHosts.add(identity);
  }

  /** That very ban has been lifted in another room. @returns whether it held */
  liftedElsewhere(ban: Ban): boolean {
    return this.bans.forget(ban);
  }

  /** The room has ended, though not its family: whom it was handed to moderates no more, as after a removal. */
  roomEnded(): void {
    for (const identity of [...this.rights.keys()]) this.#takeModeration(identity);
  }

  /** What was handed to somebody; what its token says, and what was taken from it, stays. */
  #takeModeration(identity: string): void {
    const { moderator, ...others } = this.rights.get(identity) ?? {};
    if (moderator) this.rights.set(identity, others);
  }
}
