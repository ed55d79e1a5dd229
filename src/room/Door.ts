import { type Knock, type Moderator, PlenumError, type RoomSettings } from '../protocol/index.ts';
import { Invited } from './Invited.ts';
import { Lobby } from './Lobby.ts';
import { LobbyNews } from './LobbyNews.ts';
import type { Participant } from './Participant.ts';
import type { Present } from './Present.ts';
import type { Clock, ParticipantLink } from './ports.ts';
import type { TokenHolder } from './Redirects.ts';
import type { Visitor } from './RoomOptions.ts';

/** So many are remembered who were in one room. */
const mostKnown = 10_000;

export interface DoorOptions {
  clock: Clock;
  present: Present;
  /** Whether one person may be in the room, or wait, several times. */
  several: boolean;
  settings: () => Pick<RoomSettings, 'locked' | 'lobby'>;
  /** @throws PlenumError `forbidden` for who is banned */
  checkBan: (identity: string) => void;
  /** Whether somebody of that identity is in the room. */
  isThere: (identity: string) => boolean;
  /** Whether a join of that identity is being worked on. */
  isArriving: (identity: string) => boolean;
  /** Whether neither lock nor lobby is for such a one, also where it has never been here. */
  opensFor: (visitor: Visitor) => boolean;
  /**
   * Keeps a place for one who is on the way.
   * @returns gives it up
   * @throws PlenumError `room-full`
   */
  reserve: (participant: Participant) => () => void;
  /** Somebody new waits. */
  knocked: (knock: Knock) => void;
  /** There may be nobody left for whom the room has to stay. */
  changed: () => void;
}

/** The way into a room: who waits before it, who has been let in and is on the way, and what moderators hear of that. */
export class Door {
  readonly #options: DoorOptions;
  readonly #lobby: Lobby;
  readonly #invited: Invited;
  readonly #news: LobbyNews;
  /** Identities that were in the room or let in, the latest last: a page that is loaded again leaves and comes anew. */
  readonly #known = new Set<string>();

  constructor(options: DoorOptions) {
    const { clock, present, several, knocked, changed } = options;
    this.#options = options;
    this.#invited = new Invited(clock, several, changed);
    this.#news = new LobbyNews(clock, present, () => this.#lobby.waiting);
    this.#lobby = new Lobby({
      clock,
      several,
      knocked,
      admitted: (person, visits) => {
        this.#know(person.identity);
        this.#invited.expect(person, visits);
      },
      changed: () => {
        this.#news.changed();
        changed();
      },
    });
  }

  /** Who waits; who came first comes first. */
  get knocks(): Knock[] {
    return this.#lobby.waiting;
  }

  /** How many people wait. */
  get waiting(): number {
    return this.#lobby.size;
  }

  /**
   * Whether the room stays for people who are not in it.
   * @param stopsAt when the server stops; who waits comes back to another one
   */
  holds(stopsAt: number | undefined): boolean {
    return this.#invited.size > 0 || (this.waiting > 0 && stopsAt === undefined);
  }

  /**
   * Whether somebody may come in now. Who has to wait for that is put into the lobby; who waits there already goes on with
   * it, also while the room is locked.
   *
   * @throws PlenumError `refused` for who was refused in the lobby and has not heard it, `forbidden` for who was banned,
   *   `room-locked` for those who are new while the room is locked, `in-lobby` where it waits from now on, `room-full` where
   *   it cannot even do that
   */
  pass(visitor: Visitor): void {
    const { settings, checkBan } = this.#options;
    this.#lobby.tellRefusal(visitor);
    checkBan(visitor.identity);
    if (this.#isOpenFor(visitor)) return;
    const { locked, lobby } = settings();
    if (locked && !this.#lobby.has(visitor.identity)) {
      throw new PlenumError('room-locked', 'the room is locked: nobody new comes in until a moderator unlocks it');
    }
    if (!lobby) return;
    this.#wait(visitor);
    throw new PlenumError('in-lobby', 'a moderator of this room has to let you in; wait a moment');
  }

  /** Who waits under that id. */
  knockOf(knockId: string): Knock | undefined {
    return this.#lobby.knockOf(knockId);
  }

  /** Lets one in, or, where none is named, all. @throws PlenumError `not-found` */
  admit(knockId?: string): void {
    this.#lobby.admit(knockId);
  }

  /** @throws PlenumError `not-found` */
  refuse(knockId: string, message: string, by: Moderator): void {
    this.#lobby.refuse(knockId, { message, by });
  }

  /** Whether they have to wait is another thing than before. */
  ruled(): void {
    if (!this.#options.settings().lobby && this.waiting > 0) this.admit();
    this.#options.changed();
  }

  /**
   * Somebody is moved here, and comes at once: a place is kept for each of its visits.
   * @throws PlenumError `room-full` where there are not as many; none is kept then
   */
  expect(visits: readonly Participant[]): void {
    const kept: { visit: Participant; vacate: () => void }[] = [];
    try {
      for (const visit of visits) kept.push({ visit, vacate: this.#options.reserve(visit) });
    } catch (error) {
      for (const { vacate } of kept) vacate();
      throw error;
    }
    for (const { visit, vacate } of kept) {
      this.#invited.expect(visit, [vacate]);
      this.#know(visit.identity);
    }
    this.#options.changed();
  }

  /** Whether somebody else of that identity, with a token for another room, waits or is on the way. */
  expectsOther({ identity, tokenRoom }: TokenHolder): boolean {
    const others = [this.#lobby.tokenRoomOf(identity), this.#invited.tokenRoomOf(identity)];
    return others.some((other) => other !== undefined && other !== tokenRoom);
  }

  /** Whether somebody is on the way, with one visit at least. */
  expects(identity: string): boolean {
    return this.#invited.has(identity) || this.#options.isArriving(identity);
  }

  /** Whether a place is kept for somebody who is moved here, with one visit at least. */
  keepsPlace(identity: string): boolean {
    return this.#invited.keepsPlace(identity);
  }

  /** Who comes now takes the place itself that was kept for it. */
  vacate(identity: string): void {
    this.#invited.vacate(identity);
  }

  /** Somebody is in the room. */
  came({ identity }: Participant): void {
    this.#know(identity);
    this.#invited.came(identity);
  }

  /** One of its visits does not come after all. */
  stayedAway(identity: string): void {
    this.#invited.came(identity);
  }

  /** Who was sent away is a stranger again, and so is whoever of its visits was still on the way. */
  removed({ identity }: Pick<Participant, 'identity'>): void {
    this.#known.delete(identity);
    this.#invited.over(identity);
  }

  /** For one who has just come or become a moderator: where anybody waits, it is told who does. */
  introduce(participant: Participant): void {
    if (this.waiting > 0) this.tell(participant);
  }

  /** Tells a moderator who waits, also that nobody does. */
  tell(participant: Participant): void {
    this.#news.tell(participant);
  }

  /** The room ends. `tell`: what everybody who waits is told of it. */
  close(tell: (link: ParticipantLink) => void): void {
    this.#lobby.close(tell);
    this.#news.close();
    this.#invited.close();
  }

  /**
   * Whether neither lock nor lobby is for this one: it has been here before and was not sent away, moderators let it in or
   * moved it here, or it is one of those who let others in, or of whom nobody knows.
   */
  #isOpenFor(visitor: Visitor): boolean {
    const { isThere, opensFor } = this.#options;
    const { identity } = visitor;
    return this.#invited.has(identity) || this.#known.has(identity) || isThere(identity) || opensFor(visitor);
  }

  /** @throws PlenumError `room-full` */
  #wait(visitor: Visitor): void {
    const { identity } = visitor;
    const place = this.#lobby.knock(visitor);
    visitor.waits({
      get waits() {
        return place.waits;
      },
      lose: () => place.lose(),
      leave: (reason) => {
        place.leave(reason);
        this.#invited.came(identity);
      },
    });
  }

  #know(identity: string): void {
    this.#known.delete(identity);
    this.#known.add(identity);
    const [first] = this.#known;
    if (first !== undefined && this.#known.size > mostKnown) this.#known.delete(first);
  }
}
