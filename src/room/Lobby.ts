import { nanoid } from 'nanoid';
import { type Knock, type LeaveReason, type Moderator, PlenumError, shapes } from '../protocol/index.ts';
import type { Clock, ParticipantLink } from './ports.ts';
import type { TokenHolder } from './Redirects.ts';
import type { Visitor } from './RoomOptions.ts';

/** How long somebody is kept whose socket broke: the client comes back by itself. Milliseconds. */
const graceMs = 5000;

/** Who comes to the door, and the way to tell it what becomes of that. */
export type Knocker = Pick<Visitor, 'identity' | 'displayName' | 'tokenRoom' | 'link'>;

/** Somebody's place in the lobby, for whoever knows how its client does. Nothing happens where it was lost already. */
export interface WaitingPlace {
  /** Whether it is still there. */
  readonly waits: boolean;
  /** The client has gone on purpose: by asking to leave, which is `left`, or by closing its connection properly. */
  leave(reason: LeaveReason): void;
  /** Its socket broke: it is kept for a while. */
  lose(): void;
}

/** A person, with each of its visits: one, unless people may be in a room several times. */
interface Waiting {
  readonly knock: Knock;
  readonly tokenRoom: string;
  /** Where the client is away there is what ends the wait for it. */
  readonly visits: Map<ParticipantLink, (() => void) | undefined>;
  /** It was refused while these clients were away, which hear it when they come back. */
  refusal?: Refusal;
}

interface Refusal {
  message: string;
  by: Moderator;
}

export interface LobbyOptions {
  clock: Clock;
  /** Whether one person may wait several times: else the last of its visits takes the place of the one before. */
  several: boolean;
  /** Somebody new waits. */
  knocked: (knock: Knock) => void;
  /** It may come in, with so many visits, and is being told. */
  admitted: (person: TokenHolder, visits: number) => void;
  /** Others wait than before. Called after the others. */
  changed: () => void;
}

/** Those who wait until a moderator lets them in. Each is told once, however often it knocks. */
export class Lobby {
  readonly #options: LobbyOptions;
  /** By identity; who came first comes first. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  get waiting(): Knock[] {
    return [...this.#waiting.values()].filter(({ refusal }) => !refusal).map(({ knock }) => knock);
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Who waits under that id. */
  knockOf(knockId: string): Knock | undefined {
    return this.waiting.find((knock) => knock.knockId === knockId);
  }

  /** The room that the token of whoever waits names. */
  tokenRoomOf(identity: string): string | undefined {
    return this.#waiting.get(identity)?.tokenRoom;
  }

  /** Whether somebody waits, also where its client is away for a moment. */
  has(identity: string): boolean {
    const waiting = this.#waiting.get(identity);
    return waiting !== undefined && !waiting.refusal;
  }

  /**
   * Somebody comes who may have been refused while its client was away: then it hears that, whatever holds by now.
   * @throws PlenumError `refused`
   */
  tellRefusal({ identity, link }: Pick<Knocker, 'identity' | 'link'>): void {
    const former = this.#waiting.get(identity);
    if (!former?.refusal) return;
    this.#comesBack(former);
    if (former.visits.size === 0) this.#waiting.delete(identity);
    dismiss(link, former.refusal);
    throw new PlenumError('refused', former.refusal.message);
  }

  /**
   * Somebody waits from now on, or still: over another connection, which takes the place of the former, or of one that is away.
   * Who was refused was told before.
   * @throws PlenumError `room-full` where very many wait
   */
  knock({ identity, displayName, tokenRoom, link }: Knocker): WaitingPlace {
    const { clock, knocked, changed } = this.#options;
    const former = this.#waiting.get(identity);
    if (!former && this.size >= shapes.mostWaiting) {
      throw new PlenumError('room-full', `the lobby is full: it takes ${shapes.mostWaiting} people`);
    }
    if (former) this.#makeWay(former, link);
    const knock = former?.knock ?? { knockId: nanoid(), identity, displayName, since: clock.date() };
    const visits = former?.visits ?? new Map();
    this.#waiting.set(identity, { knock: { ...knock, displayName }, tokenRoom, visits: visits.set(link, undefined) });
    if (!former) knocked(knock);
    changed();
    return this.#placeOf(identity, link);
  }

  #makeWay({ visits }: Waiting, link: ParticipantLink): void {
    if (visits.has(link)) return;
    if (this.#options.several) {
      this.#comesBack({ visits });
      return;
    }
    for (const [former, cancel] of visits) {
      cancel?.();
      former.notify('removed', { reason: 'replaced', message: 'you came to this room again elsewhere' });
      former.close();
    }
    visits.clear();
  }

  /** A client that was away is there over another connection, if there is one. */
  #comesBack({ visits }: Pick<Waiting, 'visits'>): void {
    for (const [link, cancel] of visits) {
      if (!cancel) continue;
      cancel();
      visits.delete(link);
      return;
    }
  }

  #placeOf(identity: string, link: ParticipantLink): WaitingPlace {
    const isThere = () => this.#waiting.get(identity)?.visits.has(link) ?? false;
    return {
      get waits() {
        return isThere();
      },
      leave: () => this.#leave(identity, link),
      lose: () => this.#lose(identity, link),
    };
  }

  /**
   * They wait no more and are told that they may come in; nobody named: all.
   * @throws PlenumError `not-found`
   */
  admit(knockId?: string): void {
    const { admitted, changed } = this.#options;
    const those = knockId === undefined ? [...this.#waiting.values()] : [this.#find(knockId)];
    for (const { knock, tokenRoom, visits, refusal } of those) {
      if (refusal) continue;
      const { identity } = knock;
      this.#waiting.delete(identity);
      admitted({ identity, tokenRoom }, visits.size);
      for (const [link, cancel] of visits) {
        cancel?.();
        link.notify('admitted', {});
      }
    }
    changed();
  }

  /** It is sent away. @throws PlenumError `not-found` */
  refuse(knockId: string, refusal: Refusal): void {
    const waiting = this.#find(knockId);
    const { knock, visits } = waiting;
    for (const [link, cancel] of visits) {
      if (cancel) continue;
      visits.delete(link);
      dismiss(link, refusal);
    }
    if (visits.size > 0) waiting.refusal = refusal;
    else this.#waiting.delete(knock.identity);
    this.#options.changed();
  }

  /** The room ends. `tell`: what everybody who waits is told of it. */
  close(tell: (link: ParticipantLink) => void): void {
    const all = [...this.#waiting.values()].flatMap(({ visits }) => [...visits]);
    this.#waiting.clear();
    for (const [link, cancel] of all) {
      cancel?.();
      tell(link);
      link.close();
    }
  }

  #leave(identity: string, link: ParticipantLink): void {
    const visits = this.#waiting.get(identity)?.visits;
    if (!visits?.has(link)) return;
    visits.get(link)?.();
    visits.delete(link);
    if (visits.size > 0) return;
    this.#waiting.delete(identity);
    this.#options.changed();
  }

  #lose(identity: string, link: ParticipantLink): void {
    const visits = this.#waiting.get(identity)?.visits;
    if (!visits?.has(link) || visits.get(link)) return;
    visits.set(
      link,
      this.#options.clock.after(graceMs, () => this.#leave(identity, link)),
    );
  }

  #find(knockId: string): Waiting {
    const waiting = [...this.#waiting.values()].find((each) => each.knock.knockId === knockId);
    if (!waiting || waiting.refusal) throw new PlenumError('not-found', 'nobody of that id waits in the lobby');
    return waiting;
  }
}

function dismiss(link: ParticipantLink, { message, by }: Refusal): void {
  link.notify('removed', { reason: 'refused', message, by });
  link.close();
}
