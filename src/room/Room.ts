import { Emitter } from '../events.ts';
import {
  type LeaveReason,
  type Moderator,
  type Params,
  PlenumError,
  type Result,
  type RoomEnd,
  type RoomSettingChanges,
  type RoomSettings,
} from '../protocol/index.ts';
import { type Actor, moderatorOf } from './Actor.ts';
import { Arrivals } from './Arrivals.ts';
import { Door } from './Door.ts';
import { Emptiness } from './Emptiness.ts';
import type { Faults } from './Faults.ts';
import { followParticipant } from './followParticipant.ts';
import { Meeting } from './Meeting.ts';
import { Moderation } from './Moderation.ts';
import type { Outlook } from './Outlook.ts';
import type { Participant } from './Participant.ts';
import type { Places } from './Places.ts';
import type { ParticipantLink } from './ports.ts';
import { RoomAdmin } from './RoomAdmin.ts';
import type { RoomOptions, Visitor } from './RoomOptions.ts';
import { RoomParts } from './RoomParts.ts';

/** A meeting: owns its routers and its participants; who comes, who goes, and how it ends. */
export class Room {
  readonly name: string;
  readonly #events = new Emitter<{ closed: [] }>();
  readonly #parts: RoomParts;
  readonly #meeting: Meeting;
  readonly #arrivals: Arrivals;
  readonly moderation: Moderation;
  /** For the application's own server. */
  readonly admin: RoomAdmin;
  readonly door: Door;
  readonly #emptiness: Emptiness;
  #stopsAt: number | undefined;
  #closed = false;

  constructor(options: RoomOptions) {
    const { clock, limits, log, name } = options;
    this.name = name;
    this.#parts = new RoomParts({
      ...options,
      channel: this.channel,
      gaveUp: (participant) => this.#gaveUp(participant),
      ruled: (by) => this.#obeySettings(moderatorOf(by)),
      over: () => this.close('time-limit', false),
    });
    const { roster, rules, spotlight, hosts, receivers, recovery, present } = this.#parts;
    this.#meeting = new Meeting(options);
    this.admin = new RoomAdmin({ name, clock, meeting: this.#meeting, parts: this.#parts });
    this.door = new Door({
      clock,
      present,
      several: limits.duplicateIdentities === 'allow',
      settings: () => rules.settings,
      checkBan: (identity) => this.moderation.standing.bans.check(identity),
      isThere: (identity) => roster.withIdentity(identity) !== undefined,
      isArriving: (identity) => this.#arrivals.isArriving(identity),
      opensFor: (visitor) => this.moderation.standing.opensFor(visitor),
      reserve: (participant) => this.#arrivals.reserve(participant),
      knocked: (knock) => this.#meeting.knocked(knock),
      changed: () => this.#emptiness.check(),
    });
    this.moderation = new Moderation({
      ...options,
      room: name,
      roster,
      spotlight,
      hosts,
      door: this.door,
      changeSettings: (changes, by) => this.changeSettings(changes, by),
      // After the answer to the one who ends it.
      end: (by) => void clock.after(0, () => this.close('ended', false, by)),
      unbanned: (identity) => options.events.emit('unbanned', name, identity),
      acted: (deed) => options.events.emit('moderated', { ...deed, room: name }),
    });
    this.#arrivals = new Arrivals({
      clock,
      limits,
      rules,
      roster,
      receivers,
      recovery,
      check: (visitor) => this.#ask(visitor),
      grantsOf: (visitor) => this.moderation.standing.grantsOf(visitor),
      met: (participant, visitor) => this.#met(participant, visitor),
      joined: (participant) => {
        this.admin.joined(participant);
        this.door.came(participant);
        this.#meeting.joined(participant);
      },
      log,
    });
    this.#emptiness = new Emptiness({
      clock,
      graceMs: () => (this.#stopsAt === undefined ? rules.emptyMs(this.size > 0) : 0),
      isEmpty: () => !this.#closed && this.#arrivals.nobody && !this.door.holds(this.#stopsAt),
      over: () => this.#over(),
    });
    this.#emptiness.check();
  }

  on(event: 'closed', listener: () => void): () => void {
    return this.#events.on(event, listener);
  }

  /** What its participants listen to; a room name alone could collide with other channels. */
  get channel(): string {
    return `room:${this.name}`;
  }

  /** What those are told who enter or come back. */
  get outlook(): Outlook {
    return this.#parts.outlook;
  }

  get faults(): Faults {
    return this.#parts.faults;
  }

  get size(): number {
    return this.#parts.roster.size;
  }

  /** Of those who are there, and of those whose join is being worked on. */
  get places(): Places {
    return this.#arrivals.places;
  }

  get participants(): readonly Participant[] {
    return this.#parts.roster.participants;
  }

  get settings(): RoomSettings {
    return this.#parts.rules.settings;
  }

  /** When the room ends by its time limit, in milliseconds since 1970; undefined: it has none, or nobody has come yet. */
  get endsAt(): number | undefined {
    return this.#parts.rules.endsAt;
  }

  /** Identities of those who are shown to everybody first. */
  get spotlight(): readonly string[] {
    return this.#parts.spotlight.identities;
  }

  /** They hold at once. */
  changeSettings(changes: RoomSettingChanges, by: Actor): void {
    if (this.#closed) throw new PlenumError('closed', 'the room has been closed');
    this.#parts.rules.change(changes, by);
  }

  #obeySettings(by: Moderator): void {
    for (const participant of this.participants) participant.obeySettings(by);
    this.door.ruled();
  }

  /**
   * Both transports connected, and the consumers for the first view made. `enter()` is to be called when the answer
   * is sent: the participant counts from now on, and hears of changes from then on.
   */
  async join(visitor: Visitor): Promise<{ participant: Participant; enter: () => Result<'join'> }> {
    // Who is refused does not keep an empty room.
    this.#ask(visitor);
    // Only now: who waits before a full room does not learn that, and somebody may go meanwhile. Nothing comes between this and its taking the place again.
    this.door.vacate(visitor.identity);
    this.#arrivals.checkPlace(visitor);
    this.#emptiness.pause();
    try {
      const known = { ...visitor, metadata: this.admin.metadataOf(visitor) };
      const participant = await this.#arrivals.arrive(known);
      return { participant, enter: () => this.#enter(participant) };
    } finally {
      this.#emptiness.check();
    }
  }

  /** A participant's visit goes on in another room. Who is not quite there yet hears of it from its join. */
  moveAway(participant: Participant, room: string, by: Moderator): void {
    if (this.#parts.present.has(participant)) participant.link.notify('moved', { room, by });
    participant.close('moved', by);
  }

  /** Closes a participant's visit: it went, or its client is gone. */
  leave(participant: Participant, reason: LeaveReason): void {
    participant.close(reason);
  }

  setView(participant: Participant, params: Params<'setView'>): Result<'setView'> {
    return { version: this.#parts.receivers.setView(participant, params) };
  }

  /** @throws PlenumError `bad-request` for a cursor that no page gave */
  listParticipants(participant: Participant, params: Params<'listParticipants'>): Result<'listParticipants'> {
    this.#checkPresent(participant);
    return this.#parts.roster.page(params);
  }

  sendChat(participant: Participant, text: string): Result<'sendChat'> {
    this.#checkPresent(participant);
    return this.#parts.sayAs(participant, text);
  }

  /** The server stops at that time: everybody is told, and the room ends with its last participant. */
  drain(until: number): void {
    this.#stopsAt = until;
    this.#parts.present.each((participant) => this.tellDraining(participant));
    this.#emptiness.check();
  }

  /** Ends the room for everybody. `rejoin`: whether clients should try to come back by themselves. */
  close(reason: RoomEnd, rejoin: boolean, by?: Moderator): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#emptiness.interrupt();
    this.#parts.silence();
    const tell = (link: ParticipantLink) => link.notify('roomClosed', { reason, rejoin, ...(by && { by }) });
    for (const participant of this.participants) {
      tell(participant.link);
      participant.close('room-closed');
      participant.link.close();
    }
    this.door.close(tell);
    this.#parts.close();
    this.#meeting.ended(reason, by);
    this.#events.emit('closed');
    this.#events.clear();
  }

  /** Nobody is there any more. Who waits in the lobby of a server that stops comes back to another one. */
  #over(): void {
    this.close(this.door.waiting > 0 ? 'server-stopping' : 'ended', this.door.waiting > 0);
  }

  /** @throws PlenumError where somebody may not come in, or has to wait */
  #ask(visitor: Visitor): void {
    if (this.#closed) throw new PlenumError('closed', 'the room has just been closed; join again');
    // The last moderator of a room next to this one may have gone: who comes is not the host of those who are there.
    this.#parts.hosts.appoint();
    this.door.pass(visitor);
  }

  #checkPresent({ closed }: Participant): void {
    if (closed) throw new PlenumError('closed', 'the participant is no longer in the room');
  }

  #met(participant: Participant, visitor: Visitor): void {
    followParticipant(participant, { ...this.#parts, meeting: this.#meeting });
    this.#parts.came(participant, visitor);
    // Its publications are closed by then; only the room still knows of them.
    participant.on('closed', (reason, by) => this.#gone(participant, reason, by));
    participant.on('grantsChanged', () => this.door.introduce(participant));
  }

  #gone(participant: Participant, reason: LeaveReason, by: Moderator | undefined): void {
    this.#parts.receivers.remove(participant);
    this.#parts.recovery.forget(participant);
    this.#parts.data.remove(participant);
    this.#parts.present.delete(participant);
    this.admin.left(participant);
    this.#arrivals.left(participant);
    const publications = this.#parts.roster.left(participant, reason);
    this.#meeting.left(participant, reason, publications, by);
    if (reason === 'removed') this.door.removed(participant);
    if (this.#closed) return;
    this.#parts.left(participant, reason);
    this.#parts.receivers.unpublished(publications);
    this.#emptiness.check();
  }

  /** Its worker has gone, and none is found in its place: where that holds for all, the room ends. */
  #gaveUp(participant: Participant): void {
    if (this.#parts.media.alive) participant.dismiss('failed', 'the server lost your media');
    else this.close('media-failed', true);
  }

  /** For whom has not heard it. */
  tellDraining({ link }: Participant): void {
    if (this.#stopsAt !== undefined) link.notify('draining', { until: this.#stopsAt });
  }

  #enter(participant: Participant): Result<'join'> {
    this.#checkPresent(participant);
    participant.link.enterChannel(this.channel);
    if (!participant.hidden) this.#parts.rules.entered();
    this.#parts.present.add(participant);
    this.tellDraining(participant);
    this.door.introduce(participant);
    return this.outlook.entered(participant);
  }
}
