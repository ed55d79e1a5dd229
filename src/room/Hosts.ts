import type { LeaveReason } from '../protocol/index.ts';
import { type Deed, moderatorOf, server } from './Actor.ts';
import type { Decisions } from './Decisions.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';
import { reaches } from './Redirects.ts';
import type { Visitor } from './RoomOptions.ts';
import type { RoomRoster } from './RoomRoster.ts';

export interface HostsOptions {
  /** The room's name. */
  name: string;
  clock: Clock;
  roster: Pick<RoomRoster, 'participants' | 'allWithIdentity'>;
  decisions: Pick<Decisions, 'formerHosts'>;
  /** Whether somebody moderates in another room of the same family who moderates this one as well. */
  isModeratedNearby: () => boolean;
  /** Somebody has become a host while it was there. */
  acted: (deed: Omit<Deed, 'room'>) => void;
}

/** So long clients try to come back whose connection broke; who was moved may come back as well. Milliseconds. */
const awayMs = 300_000;
/** A page that is loaded again says that it leaves, and comes back. */
const reloadMs = 15_000;

/**
 * Who moderates a meeting that people open by themselves: the first who comes, of those whom the open door lets in. It is
 * the room's host as long as the room lives, however often it comes back. Where every moderator has gone, and none may be
 * on the way back, or the last one moderates no more, the one of them who has been there longest is a host as well, or,
 * where none of them is there, whoever comes next: nobody new comes through lock or lobby as the host of those who are there.
 */
export class Hosts {
  readonly #options: HostsOptions;
  readonly #identities = new Set<string>();
  readonly #former: Decisions['formerHosts'];
  /** Those who are there and came in by the open door; who came first comes first. */
  readonly #guests = new Set<Participant>();
  /** Moderators who may be on the way back, by identity; ends the wait. */
  readonly #away = new Map<string, () => void>();
  #closed = false;

  constructor(options: HostsOptions) {
    this.#options = options;
    this.#former = options.decisions.formerHosts;
  }

  /** Whether somebody who comes in now does so as a host. */
  isFor({ host, identity, tokenRoom }: Pick<Visitor, 'host' | 'identity' | 'tokenRoom'>): boolean {
    if (!host) return false;
    if (this.#identities.has(identity)) return true;
    if (tokenRoom !== this.#options.name || this.#former.has(identity)) return false;
    return this.#isVacant && this.#next === undefined;
  }

  /** Whether lock and lobby leave it to `isFor` who comes in: one who has been a host, or who finds nobody to be the host of. */
  mayOpenFor({ host, identity }: Pick<Visitor, 'host' | 'identity'>): boolean {
    return host && (this.#identities.has(identity) || this.#options.roster.participants.every(({ hidden }) => hidden));
  }

  /** Called when it is in the roster, or in the same tick. */
  came(participant: Participant, { host, tokenRoom }: Pick<Visitor, 'host' | 'tokenRoom'>): void {
    const { identity, grants } = participant;
    this.#stopWaiting(identity);
    if (!host || tokenRoom !== this.#options.name) return;
    this.#guests.add(participant);
    if (grants.moderator) this.#identities.add(identity);
  }

  /** Called when it is no longer in the roster. */
  left(participant: Participant, reason: LeaveReason): void {
    this.#guests.delete(participant);
    const { identity, grants, hidden } = participant;
    if (reason === 'removed') this.demoted(identity);
    // Where somebody was replaced, the next visit is there, or just coming.
    if (this.#closed || reason === 'replaced' || !grants.moderator || hidden) return;
    if (this.#options.roster.allWithIdentity(identity).length > 0) return;
    if (reason !== 'removed') this.#await(identity, reason === 'left' ? reloadMs : awayMs);
  }

  /** Moderation was taken from it, or given up: it has it no more. Nobody waits for it to come back. */
  demoted(identity: string): void {
    this.#identities.delete(identity);
    this.#former.add(identity);
    this.#stopWaiting(identity);
    this.appoint();
  }

  /** Where nobody moderates, the guest who has been there longest does from now on, if one is there. */
  appoint(): void {
    const next = this.#next;
    if (this.#closed || !next || !this.#isVacant) return;
    this.#identities.add(next.identity);
    for (const visit of this.#options.roster.allWithIdentity(next.identity)) {
      visit.setGrants({ ...visit.grants, moderator: true }, moderatorOf(server));
    }
    const { participantId, identity: target } = next;
    const action = { action: 'grant', participantId, changes: { moderator: true } } as const;
    this.#options.acted({ by: server, action, target, outcome: 'done' });
  }

  /** Somebody is being moved here: of rooms that its token is for, it is here what it was there. */
  receive(participant: Participant, from: Hosts): void {
    const { identity, tokenRoom } = participant;
    if (![this, from].every((hosts) => reaches(participant, hosts.#options.name))) return;
    // The room of the token has heard of it at once from all who have a say in it.
    if (from.#former.has(identity) && tokenRoom !== this.#options.name) this.demoted(identity);
    if (!from.#identities.has(identity)) return;
    this.#identities.add(identity);
    this.#former.delete(identity);
  }

  close(): void {
    this.#closed = true;
    for (const identity of [...this.#away.keys()]) this.#stopWaiting(identity);
  }

  /** No moderator is there whom others know of, nor in a room next to this one, and none may be on the way back. */
  get #isVacant(): boolean {
    const { roster, isModeratedNearby } = this.#options;
    const isModerated = roster.participants.some(({ grants, hidden }) => grants.moderator && !hidden);
    return this.#away.size === 0 && !isModerated && !isModeratedNearby();
  }

  /** Who would be the host: the guest who has been there longest. */
  get #next(): Participant | undefined {
    return [...this.#guests].find(({ identity }) => !this.#former.has(identity));
  }

  #await(identity: string, ms: number): void {
    this.#stopWaiting(identity);
    const over = () => {
      this.#away.delete(identity);
      this.appoint();
    };
    this.#away.set(identity, this.#options.clock.after(ms, over));
  }

  #stopWaiting(identity: string): void {
    this.#away.get(identity)?.();
    this.#away.delete(identity);
  }
}
