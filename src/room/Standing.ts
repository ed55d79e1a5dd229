import type { Ban, Grants, Moderator } from '../protocol/index.ts';
import type { Actor } from './Actor.ts';
import type { Bans } from './Bans.ts';
import { ChangedRights, type GrantChanges } from './ChangedRights.ts';
import type { Decisions } from './Decisions.ts';
import type { Door } from './Door.ts';
import type { Hosts } from './Hosts.ts';
import type { Participant } from './Participant.ts';
import { mayMove, type TokenHolder } from './Redirects.ts';
import type { Visitor } from './RoomOptions.ts';
import type { RoomRoster } from './RoomRoster.ts';

/**
 * Pure: the rooms that a decision about somebody holds in: the one in which it was made, and the one that its token names,
 * since there it comes back to from wherever it was moved.
 */
export function roomsOf(actor: Actor, room: string, { tokenRoom }: Pick<TokenHolder, 'tokenRoom'>): string[] {
  return tokenRoom !== room && hasSay(actor, room, tokenRoom) ? [room, tokenRoom] : [room];
}

/**
 * Pure: whether what this actor decides in one room holds in another one: Plenum has a say in all, the application in those
 * that its token is for, who moderates the main room in its family, and any other moderator where it is.
 */
export function hasSay(actor: Actor, room: string, other: string): boolean {
  if (room === other || actor.kind === 'server') return true;
  if (actor.kind === 'application') return actor.reaches?.(other) ?? true;
  return mayMove(actor.participant, room, other);
}

export interface StandingOptions {
  /** The room's name. */
  room: string;
  roster: Pick<RoomRoster, 'allWithIdentity'>;
  door: Door;
  hosts: Hosts;
  decisions: Decisions;
  /** Somebody may come in again who was banned. */
  unbanned: (identity: string) => void;
}

/** By what somebody decides about people of another room: of one that is there, or of a main room that is to come again. */
export type Reach = Pick<Standing, 'bans' | 'change' | 'sentAway' | 'liftedElsewhere'>;

/** What has been decided about people in one room, whether they are there or not, and what becomes of them by it. */
export class Standing {
  readonly bans: Bans;
  readonly #options: StandingOptions;
  readonly #rights: ChangedRights;

  constructor(options: StandingOptions) {
    this.#options = options;
    this.bans = options.decisions.bans;
    this.#rights = new ChangedRights(options.room, options.hosts, options.decisions);
  }

  /** What somebody may do who comes in: what the token says, but for what moderators have changed while the room lived. */
  grantsOf(visitor: Pick<Visitor, 'identity' | 'grants' | 'host' | 'tokenRoom'>): Grants {
    return this.#rights.of(visitor);
  }

  /**
   * Whether neither lock nor lobby is for somebody who comes in: a moderator, but for one who would be that only since those
   * who are there have none, or one of whom nobody knows.
   */
  opensFor(visitor: Pick<Visitor, 'identity' | 'grants' | 'host' | 'tokenRoom'>): boolean {
    const { moderator, hidden } = this.grantsOf({ ...visitor, host: this.#options.hosts.mayOpenFor(visitor) });
    return moderator || hidden;
  }

  /** Rights of somebody are others from now on: in all visits, and whenever it comes. */
  change(identity: string, changes: GrantChanges, by: Moderator): void {
    const { decisions, hosts, roster } = this.#options;
    const all = decisions.change(identity, changes);
    for (const visit of roster.allWithIdentity(identity)) visit.setGrants({ ...visit.grants, ...all }, by);
    if (changes.moderator === false) hosts.demoted(identity);
  }

  /** Somebody was removed: it is a stranger, and moderates by its token alone. */
  sentAway(identity: string): void {
    const { decisions, door, hosts } = this.#options;
    decisions.sentAway(identity);
    door.removed({ identity });
    hosts.demoted(identity);
  }

  /** @throws PlenumError `not-found` */
  lift(identity: string, actor: Actor): { ban: Ban; rooms: readonly string[] } {
    const lifted = this.bans.lift(identity, actor);
    this.#options.unbanned(identity);
    return lifted;
  }

  /** That very ban has been lifted in another room. */
  liftedElsewhere(ban: Ban): void {
    if (this.#options.decisions.liftedElsewhere(ban)) this.#options.unbanned(ban.identity);
  }

  /**
   * Somebody is being moved here, with all visits: places are kept, and its rights, which may have been changed there, go along.
   * @throws PlenumError `forbidden` for who is banned here, `room-full`; nothing has happened then
   */
  receive(visits: readonly Participant[], former: Standing, by: Actor): void {
    for (const { identity } of visits) this.bans.check(identity);
    this.#options.door.expect(visits);
    for (const visit of visits) {
      this.#options.hosts.receive(visit, former.#options.hosts);
      this.#rights.receive(visit, former.#rights, by);
    }
  }
}
