import { Emitter } from '../events.ts';
import {
  type LeaveReason,
  type Moderator,
  type Params,
  PlenumError,
  type Result,
  type RoomEnd,
} from '../protocol/index.ts';
import { Activity } from './Activity.ts';
import { Arrivals } from './Arrivals.ts';
import { ChatHistory, chatMessage } from './ChatHistory.ts';
import { DataRelay } from './DataRelay.ts';
import { Emptiness } from './Emptiness.ts';
import { Faults } from './Faults.ts';
import { type Followers, followParticipant } from './followParticipant.ts';
import { Meeting } from './Meeting.ts';
import { Moderation } from './Moderation.ts';
import { Outlook } from './Outlook.ts';
import type { Participant } from './Participant.ts';
import { PersonalNews } from './PersonalNews.ts';
import type { Places } from './Places.ts';
import { Present } from './Present.ts';
import { Receivers } from './Receivers.ts';
import { Recovery } from './Recovery.ts';
import { RoomMedia } from './RoomMedia.ts';
import type { RoomOptions, Visitor } from './RoomOptions.ts';
import { RoomRoster } from './RoomRoster.ts';

/** A meeting: owns its routers and its participants, and wires the parts together that tell each what the others do. */
export class Room {
  readonly name: string;
  readonly #options: RoomOptions;
  readonly #roster: RoomRoster;
  readonly #receivers: Receivers;
  readonly #activity: Activity;
  readonly #chat: ChatHistory;
  readonly #data: DataRelay;
  readonly #events = new Emitter<{ closed: [] }>();
  readonly #media: RoomMedia;
  /** What those are told who enter or come back. */
  readonly outlook: Outlook;
  readonly #recovery: Recovery;
  readonly faults: Faults;
  readonly #present = new Present();
  readonly #news: PersonalNews;
  readonly #meeting: Meeting;
  readonly #followers: Followers;
  readonly #arrivals: Arrivals;
  readonly moderation: Moderation;
  readonly #emptiness: Emptiness;
  #stopsAt: number | undefined;
  #closed = false;

  constructor(options: RoomOptions) {
    const { announcer, clock, engine, limits, log, name } = options;
    this.#options = options;
    this.name = name;
    this.#chat = new ChatHistory(limits.chatHistory);
    this.#data = new DataRelay({ clock, limits: limits.data, log });
    this.#news = new PersonalNews(clock, this.#present, (participant) => this.#roster.isUnseen(participant));
    this.#roster = new RoomRoster({
      clock,
      fullRoster: limits.fullRoster,
      changeIntervalMs: limits.changeIntervalMs,
      announce: (delta) => {
        this.outlook.told(delta);
        announcer.announce(this.channel, 'roomChanged', delta);
      },
      changedUnseen: (participant) => this.#news.changed(participant),
    });
    this.#media = new RoomMedia({
      engine,
      clock,
      listener: {
        failed: (routerId) => this.#recovery.lost(routerId),
        onset: (onset) => this.#receivers.audience.onset(onset),
        loud: (levels) => this.#receivers.audience.loud(levels),
        levels: (levels) => this.#activity.heard(levels),
      },
      log,
    });
    this.#receivers = new Receivers({ roster: this.#roster, media: this.#media, clock, settings: limits });
    this.#recovery = new Recovery({
      clock,
      roster: this.#roster,
      receivers: this.#receivers,
      media: this.#media,
      data: this.#data,
      gaveUp: (participant) => this.#gaveUp(participant),
    });
    this.faults = new Faults(engine, this.#recovery);
    this.#activity = new Activity({
      clock,
      roster: this.#roster,
      present: this.#present,
      tellSpeakers: (notice) => announcer.announce(this.channel, 'speakers', notice),
      tellQuality: (notice) => announcer.announce(this.channel, 'quality', notice),
    });
    const parts = { roster: this.#roster, receivers: this.#receivers, activity: this.#activity };
    this.outlook = new Outlook({ ...parts, room: name, chat: this.#chat, data: this.#data });
    this.#meeting = new Meeting(options);
    this.#followers = { ...parts, recovery: this.#recovery, meeting: this.#meeting };
    this.moderation = new Moderation({
      roster: this.#roster,
      // After the answer to the one who ends it.
      end: (by) => void clock.after(0, () => this.close('ended', false, by)),
      acted: (deed) => options.events.emit('moderated', { ...deed, room: name }),
      log,
    });
    this.#arrivals = new Arrivals({
      clock,
      limits,
      roster: this.#roster,
      receivers: this.#receivers,
      recovery: this.#recovery,
      check: (visitor) => this.#check(visitor),
      grantsOf: (visitor) => this.moderation.grantsOf(visitor),
      met: (participant) => this.#met(participant),
      joined: (participant) => this.#meeting.joined(participant),
      log,
    });
    this.#emptiness = new Emptiness({
      clock,
      graceMs: () => (this.#stopsAt === undefined ? limits.roomGraceMs : 0),
      isEmpty: () => !this.#closed && this.#roster.size === 0 && this.#arrivals.arriving === 0,
      over: () => this.close('ended', false),
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

  get size(): number {
    return this.#roster.size;
  }

  /** Of those who are there, and of those whose join is being worked on. */
  get places(): Places {
    return this.#arrivals.places;
  }

  get participants(): readonly Participant[] {
    return this.#roster.participants;
  }

  /**
   * Both transports connected, and the consumers for the first view made. `enter()` is to be called when the answer
   * is sent: the participant counts from now on, and hears of changes from then on.
   */
  async join(visitor: Visitor): Promise<{ participant: Participant; enter: () => Result<'join'> }> {
    // Who only knocks does not keep an empty room.
    this.#check(visitor);
    this.#emptiness.interrupt();
    try {
      const participant = await this.#arrivals.arrive(visitor);
      return { participant, enter: () => this.#enter(participant) };
    } finally {
      this.#emptiness.check();
    }
  }

  /** Closes a participant's visit: it went, or its client is gone. */
  leave(participant: Participant, reason: LeaveReason): void {
    participant.close(reason);
  }

  setView(participant: Participant, params: Params<'setView'>): Result<'setView'> {
    return { version: this.#receivers.setView(participant, params) };
  }

  /** @throws PlenumError `bad-request` for a cursor that no page gave */
  listParticipants(participant: Participant, params: Params<'listParticipants'>): Result<'listParticipants'> {
    this.#checkPresent(participant);
    return this.#roster.page(params);
  }

  sendChat(participant: Participant, text: string): Result<'sendChat'> {
    this.#checkPresent(participant);
    const message = chatMessage(participant.info, text, this.#options.clock.date());
    this.#chat.add(message);
    this.#options.announcer.announce(this.channel, 'chat', message);
    return { chatId: message.chatId, sentAt: message.sentAt };
  }

  /** The server stops at that time: everybody is told, and the room ends with its last participant. */
  drain(until: number): void {
    this.#stopsAt = until;
    this.#present.each((participant) => this.tellDraining(participant));
    this.#emptiness.check();
  }

  /** Ends the room for everybody. `rejoin`: whether clients should try to come back by themselves. */
  close(reason: RoomEnd, rejoin: boolean, by?: Moderator): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#emptiness.interrupt();
    this.#roster.close();
    this.#news.close();
    this.#activity.close();
    this.#recovery.close();
    for (const participant of this.participants) {
      participant.link.notify('roomClosed', { reason, rejoin, ...(by && { by }) });
      participant.close('room-closed');
      participant.link.close();
    }
    this.#data.close();
    this.#receivers.close();
    this.#media.close();
    this.#meeting.ended(reason);
    this.#events.emit('closed');
    this.#events.clear();
  }

  #check(visitor: Visitor): void {
    if (this.#closed) throw new PlenumError('closed', 'the room has just been closed; join again');
    this.moderation.check(visitor);
  }

  #checkPresent({ closed }: Participant): void {
    if (closed) throw new PlenumError('closed', 'the participant is no longer in the room');
  }

  #met(participant: Participant): void {
    followParticipant(participant, this.#followers);
    // Its publications are closed by then; only the room still knows of them.
    participant.on('closed', (reason) => this.#gone(participant, reason));
  }

  #gone(participant: Participant, reason: LeaveReason): void {
    this.#receivers.remove(participant);
    this.#recovery.forget(participant);
    this.#data.remove(participant);
    this.#present.delete(participant);
    this.#arrivals.left(participant);
    const publications = this.#roster.left(participant, reason);
    this.#meeting.left(participant, reason, publications);
    if (this.#closed) return;
    this.#receivers.unpublished(publications);
    this.#emptiness.check();
  }

  /** Its worker has gone, and none is found in its place: where that holds for all, the room ends. */
  #gaveUp(participant: Participant): void {
    if (this.#media.alive) participant.dismiss('failed', 'the server lost your media');
    else this.close('media-failed', true);
  }

  /** For whom has not heard it. */
  tellDraining({ link }: Participant): void {
    if (this.#stopsAt !== undefined) link.notify('draining', { until: this.#stopsAt });
  }

  #enter(participant: Participant): Result<'join'> {
    this.#checkPresent(participant);
    participant.link.enterChannel(this.channel);
    this.#present.add(participant);
    this.tellDraining(participant);
    const subscriptions = participant.subscriptions.open();
    return {
      participantId: participant.participantId,
      sendTransport: participant.sendTransport.info,
      recvTransport: participant.recvTransport.info,
      subscriptions,
      ...this.outlook.of(participant, subscriptions),
    };
  }
}
