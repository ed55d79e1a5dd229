import type { Grants, ModerationAction } from '../protocol/index.ts';
import type { Actor } from './Actor.ts';
import type { Decisions } from './Decisions.ts';
import type { Hosts } from './Hosts.ts';
import type { Participant } from './Participant.ts';
import { reaches } from './Redirects.ts';
import type { Visitor } from './RoomOptions.ts';

export type GrantChanges = Extract<ModerationAction, { action: 'grant' }>['changes'];

/** What people may do in one room: what their tokens say, but for what has been decided. */
export class ChangedRights {
  readonly #room: string;
  readonly #hosts: Hosts;
  readonly #changes: Decisions['rights'];

  constructor(room: string, hosts: Hosts, { rights }: Pick<Decisions, 'rights'>) {
    this.#room = room;
    this.#hosts = hosts;
    this.#changes = rights;
  }

  /** What somebody may do who comes in. */
  of(visitor: Pick<Visitor, 'identity' | 'grants' | 'host' | 'tokenRoom'>): Grants {
    const { identity, grants } = visitor;
    const moderator = (grants.moderator && reaches(visitor, this.#room)) || this.#hosts.isFor(visitor);
    return { ...grants, moderator, ...this.#changes.get(identity) };
  }

  /** Somebody is being moved here, with the rights that it has now; whether it moderates here is another matter. */
  receive(participant: Participant, former: ChangedRights, by: Actor): void {
    const { identity } = participant;
    const { moderator: _, ...others } = former.#changes.get(identity) ?? {};
    const moderator = this.#moderates(participant, former, by);
    const changes = { ...others, ...(moderator !== undefined && { moderator }) };
    if (Object.keys(changes).length > 0) this.#changes.set(identity, changes);
    else this.#changes.delete(identity);
  }

  /**
   * Moderation goes along where it is of the whole family, or of this room; from elsewhere only where the application moves
   * somebody: else a moderator of one room would be one of all that it is moved to. Undefined: nobody has changed it. What
   * was changed here before holds where the former room had no say in it.
   */
  #moderates(participant: Participant, former: ChangedRights, by: Actor): boolean | undefined {
    const { identity, grants } = participant;
    const told = former.#changes.get(identity)?.moderator;
    const before = reaches(participant, former.#room) ? undefined : this.#changes.get(identity)?.moderator;
    if (reaches(participant, this.#room) || told === false) return told ?? before;
    return by.kind === 'application' && grants.moderator ? true : before;
  }
}
