import { Emitter } from '../events.ts';
import {
  changedSettings,
  PlenumError,
  plainRoomSettings,
  type RoomSettingChanges,
  type RoomSettings,
} from '../protocol/index.ts';
import { type Actor, moderatorOf, server } from './Actor.ts';
import type { GrantChanges } from './ChangedRights.ts';
import { Decisions } from './Decisions.ts';
import { Families } from './Families.ts';
import type { MeetingEvents } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import { Redirects, reaches, type TokenHolder } from './Redirects.ts';
import { Room } from './Room.ts';
import type { RoomOptions } from './RoomOptions.ts';
import { SendingWatch } from './SendingWatch.ts';

export interface RoomRegistryOptions
  extends Omit<
    RoomOptions,
    'name' | 'settings' | 'reserved' | 'events' | 'move' | 'isModeratedNearby' | 'decisions' | 'standingIn'
  > {
  /** Who makes rooms: whoever comes first, or the application's server alone. Default: `join`. */
  roomCreation?: 'join' | 'api';
  /** How rooms are set up of which nobody says otherwise. Default: without limits, lock or lobby. */
  roomSettings?: RoomSettings;
  /** Rooms at a time; default: any number. */
  maxRooms?: number | undefined;
  /** Participants of all rooms together; default: as many as the workers take. */
  maxServerParticipants?: number | undefined;
}

/** All rooms of this node; forgets one when it closes. */
export class RoomRegistry {
  readonly #options: RoomRegistryOptions;
  readonly #events = new Emitter<MeetingEvents>();
  readonly #rooms = new Map<string, Room>();
  readonly #families = new Families<Room>();
  readonly #redirects = new Redirects();
  readonly #sending: SendingWatch;
  /** Set while the server only waits for its rooms to end; called when the last has. */
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(options: RoomRegistryOptions) {
    this.#options = options;
    this.#sending = new SendingWatch({
      clock: options.clock,
      events: this.#events,
      overrun: (room, participant, canPublish) => void this.#restrict(room, participant, { canPublish }),
    });
    this.#events.on('participantLeft', ({ name }, participant, { reason }) => {
      // Who was sent away is as little expected there as who has gone.
      if ((reason !== 'left' && reason !== 'removed') || this.roomFor(participant) === participant.tokenRoom) return;
      // Unless another visit of this person goes on there, or is on the way.
      const room = this.find(name);
      if (isThere(room, participant)) return;
      if (reason === 'removed' || !room?.door.expects(participant.identity)) this.#redirects.forget(participant);
    });
  }

  /** What happens in any of the rooms. */
  on<K extends keyof MeetingEvents>(event: K, listener: (...args: MeetingEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  get rooms(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  get participants(): number {
    return this.rooms.reduce((sum, room) => sum + room.size, 0);
  }

  get draining(): boolean {
    return this.#drained !== undefined;
  }

  /** The room in which somebody with this token belongs: the one that it names, unless it was moved. */
  roomFor(person: TokenHolder): string {
    return this.#redirects.of(person);
  }

  /** A visit that was moved does not come after all, of its own will. */
  stayedAway(person: TokenHolder): void {
    const { identity } = person;
    const target = this.find(this.roomFor(person));
    target?.door.stayedAway(identity);
    // Another visit of this person goes on there, or is on the way.
    if (isThere(target, person) || target?.door.expects(identity)) return;
    this.#redirects.forget(person);
  }

  /**
   * The room that this person is about to join.
   * @throws PlenumError `server-full`, `draining`, or `not-found` where joins make no rooms
   */
  enter(name: string, identity: string): Room {
    const { maxServerParticipants: most } = this.#options;
    // Whoever is moved has a place already, which is counted.
    const hasPlace = this.find(name)?.door.keepsPlace(identity) ?? false;
    if (most !== undefined && !hasPlace && this.#taken(name, identity) >= most) {
      throw new PlenumError('server-full', `the server takes ${most} participants; try again in a moment`);
    }
    return this.getOrCreate(name);
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** @throws PlenumError `server-full`, `draining`, or `not-found` where joins make no rooms */
  getOrCreate(name: string): Room {
    const existing = this.#rooms.get(name);
    if (existing && !this.#closed) return existing;
    this.#checkOpen();
    if (this.#options.roomCreation === 'api') throw new PlenumError('not-found', 'there is no such room');
    return this.#make(name, this.#defaults, false);
  }

  /**
   * Makes a room for people who are still to come.
   * @param settings what is left out is as in other rooms; null takes a limit away that these have
   * @throws PlenumError `conflict` where there is one of that name, `server-full` or `draining`
   */
  create(name: string, settings: RoomSettingChanges): Room {
    this.#checkOpen();
    if (this.#rooms.has(name)) throw new PlenumError('conflict', 'there is a room of that name already');
    return this.#make(name, changedSettings(this.#defaults, settings), true);
  }

  get #defaults(): RoomSettings {
    return this.#options.roomSettings ?? plainRoomSettings;
  }

  #checkOpen(): void {
    if (!this.#closed && !this.draining) return;
    throw new PlenumError('draining', 'the server is about to stop and begins no new meeting; try again in a moment');
  }

  #make(name: string, settings: RoomSettings, reserved: boolean): Room {
    const { maxRooms: most } = this.#options;
    if (most !== undefined && this.#rooms.size >= most) {
      throw new PlenumError('server-full', `the server takes ${most} rooms; try again in a moment`);
    }
    const decisions = this.#families.decisionsFor(name) ?? new Decisions();
    const room: Room = new Room({
      ...this.#options,
      name,
      settings,
      reserved,
      events: this.#events,
      isModeratedNearby: () => this.#isModeratedNearby(name),
      decisions,
      standingIn: (other) => this.find(other)?.moderation.standing ?? this.#families.decisionsFor(other),
      move: (visits, target, by) => this.#move(visits, room, target, by),
      log: this.#options.log.child({ roomId: name }),
    });
    this.#rooms.set(name, room);
    this.#families.add(room, decisions);
    room.on('closed', () => {
      if (this.#rooms.get(name) === room) this.#rooms.delete(name);
      this.#families.delete(room);
      this.#redirects.ended(name);
      if (this.#rooms.size === 0) this.#drained?.();
    });
    return room;
  }

  /** Whether a moderator of this room, of whom others know, is in another one of the family; one in its grace period counts. */
  #isModeratedNearby(name: string): boolean {
    const people = this.#families.nextTo(name).flatMap(({ participants }) => participants);
    return people.some((person) => person.grants.moderator && !person.hidden && reaches(person, name));
  }

  /** Where one of its visits cannot go there, none does. */
  #move(visits: readonly Participant[], from: Room, name: string, by: Actor): void {
    if (name === from.name) throw new PlenumError('conflict', 'this person is in that room already');
    const target = this.getOrCreate(name);
    for (const visit of visits) checkIdentity(target, visit);
    target.moderation.standing.receive(visits, from.moderation.standing, by);
    for (const visit of visits) {
      target.admin.receive(visit, from.admin);
      this.#redirects.set(visit, name);
      from.moveAway(visit, name, moderatorOf(by));
    }
  }

  /** Plenum itself takes a right away, for as long as the room lives. */
  async #restrict(room: string, { participantId, log }: Participant, changes: GrantChanges): Promise<void> {
    try {
      await this.find(room)?.moderation.act(server, { action: 'grant', participantId, changes });
    } catch (error) {
      const isGone = error instanceof PlenumError && error.code === 'not-found';
      log[isGone ? 'debug' : 'error']({ err: error }, 'a right could not be taken away');
    }
  }

  /** How many places are taken, besides the one that this person has already, or is about to have. */
  #taken(name: string, identity: string): number {
    return this.rooms.reduce(
      (sum, { places, name: other }) => sum + (other === name ? places.besides(identity) : places.taken),
      0,
    );
  }

  /**
   * No new rooms from now on; those that there are go on until nobody is in them, and take people meanwhile: who comes
   * back, and who wants to talk to those who are there.
   *
   * @param until what they are told, in milliseconds since 1970
   * @returns resolves when the last room has ended
   */
  async drain(until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    for (const room of this.rooms) room.drain(until);
    if (this.#rooms.size > 0) await promise;
  }

  close(): void {
    this.#closed = true;
    this.#sending.close();
    for (const room of this.rooms) room.close('server-stopping', true);
  }
}

function isThere(room: Room | undefined, { identity }: Pick<TokenHolder, 'identity'>): boolean {
  return room?.participants.some((each) => each.identity === identity) ?? false;
}

/** Whose token is for another room is another person, whom the one who is moved would send away. @throws PlenumError `conflict` */
function checkIdentity({ participants, door }: Room, { identity, tokenRoom }: Participant): void {
  const isOther = (each: Participant) => each.identity === identity && each.tokenRoom !== tokenRoom;
  if (!participants.some(isOther) && !door.expectsOther({ identity, tokenRoom })) return;
  throw new PlenumError('conflict', 'somebody else of that identity is in that room, or about to come in');
}
