import { nanoid } from 'nanoid';
import { Emitter } from '../events.ts';
import { type LeaveReason, type Params, PlenumError, type Result } from '../protocol/index.ts';
import { Activity } from './Activity.ts';
import { ChatHistory, chatMessage } from './ChatHistory.ts';
import { DataRelay } from './DataRelay.ts';
import { Faults } from './Faults.ts';
import { followParticipant } from './followParticipant.ts';
import { Outlook } from './Outlook.ts';
import { Participant } from './Participant.ts';
import { PersonalNews } from './PersonalNews.ts';
import { Places } from './Places.ts';
import { Present } from './Present.ts';
import { Receivers } from './Receivers.ts';
import { Recovery } from './Recovery.ts';
import { RoomMedia } from './RoomMedia.ts';
import type { RoomOptions, Visitor } from './RoomOptions.ts';
import { RoomRoster } from './RoomRoster.ts';
import { SharedCapabilities } from './SharedCapabilities.ts';

const replacedMessage = 'you joined this room again elsewhere';

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
  /** Of those who are there, and of those whose join is being worked on. */
  readonly #places = new Places();
  readonly #capabilities = new SharedCapabilities();
  #arriving = 0;
  #visits = 0;
  #cancelGrace: (() => void) | undefined;
  #stopsAt: number | undefined;
  #closed = false;

  constructor(options: RoomOptions) {
    const { announcer, clock, engine, limits, log, mayPublishData, name } = options;
    this.#options = options;
    this.name = name;
    this.#chat = new ChatHistory(limits.chatHistory);
    this.#data = new DataRelay({ clock, limits: limits.data, mayPublishData, log });
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
    log.info('room opened');
    this.#waitForSomebody();
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

  get participants(): readonly Participant[] {
    return this.#roster.participants;
  }

  /**
   * Both transports connected, and the consumers for the first view made. `enter()` is to be called when the answer
   * is sent: the participant counts from now on, and hears of changes from then on.
   */
  async join(visitor: Visitor): Promise<{ participant: Participant; enter: () => Result<'join'> }> {
    this.#checkRoomFor(visitor);
    this.#places.take(visitor.identity);
    this.#arriving += 1;
    this.#cancelGrace?.();
    try {
      const participant = await this.#admit(visitor);
      return { participant, enter: () => this.#enter(participant) };
    } finally {
      this.#places.release(visitor.identity);
      this.#arriving -= 1;
      this.#waitForSomebody();
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
    this.#waitForSomebody();
  }

  /** Ends the room for everybody. `rejoin`: whether clients should try to come back by themselves. */
  close(reason: 'ended' | 'server-stopping' | 'media-failed', rejoin: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGrace?.();
    this.#roster.close();
    this.#news.close();
    this.#activity.close();
    this.#recovery.close();
    for (const participant of this.participants) {
      participant.link.notify('roomClosed', { reason, rejoin });
      participant.close('room-closed');
      participant.link.close();
    }
    this.#data.close();
    this.#receivers.close();
    this.#media.close();
    this.#options.log.info({ reason }, 'room closed');
    this.#events.emit('closed');
    this.#events.clear();
  }

  #checkPresent({ closed }: Participant): void {
    if (closed) throw new PlenumError('closed', 'the participant is no longer in the room');
  }

  #checkRoomFor({ identity }: Visitor): void {
    if (this.#closed) throw new PlenumError('closed', 'the room has just been closed; join again');
    this.#places.check(identity, this.#options.limits.maxParticipants);
  }

  async #admit(visitor: Visitor): Promise<Participant> {
    const { identity, displayName, link, params } = visitor;
    this.#visits += 1;
    const visit = this.#visits;
    const returning = this.#roster.withIdentity(identity) !== undefined;
    const { dtlsParameters } = params;
    const media = await this.#recovery.place({ dtlsParameters, tcpOnly: false, returning });
    const participantId = nanoid();
    const participant = new Participant({
      participantId,
      identity,
      visit,
      displayName,
      metadata: params.metadata,
      joinedAt: this.#options.clock.date(),
      capabilities: this.#capabilities.share(params.recvRtpCapabilities),
      dtlsParameters,
      maxPublications: this.#options.limits.maxPublications,
      link,
      media,
      log: this.#options.log.child({ participantId }),
    });
    this.#replaceFormerVisit(participant);
    this.#receivers.add(participant, params);
    followParticipant(participant, {
      roster: this.#roster,
      receivers: this.#receivers,
      recovery: this.#recovery,
      activity: this.#activity,
    });
    // Its publications are closed by then; only the room still knows of them.
    participant.on('closed', (reason) => this.#gone(participant, reason));
    this.#places.take(identity);
    this.#roster.entered(participant);
    try {
      await this.#recovery.settle(participant);
    } catch (error) {
      participant.close('failed');
      throw error;
    }
    this.#checkPresent(participant);
    participant.log.info({ identity }, 'participant joined');
    return participant;
  }

  /**
   * Somebody who comes twice, for example by a reload that was faster than the notice of leaving. The visit that began
   * later stays, also where the worker was done with it first.
   */
  #replaceFormerVisit(participant: Participant): void {
    const former = this.#roster.withIdentity(participant.identity);
    if (!former) return;
    (former.visit < participant.visit ? former : participant).dismiss('replaced', replacedMessage);
    if (participant.closed) throw new PlenumError('closed', replacedMessage);
  }

  #gone(participant: Participant, reason: LeaveReason): void {
    this.#receivers.remove(participant);
    this.#recovery.forget(participant);
    this.#data.remove(participant);
    this.#present.delete(participant);
    this.#places.release(participant.identity);
    const publications = this.#roster.left(participant, reason);
    participant.log.info({ reason }, 'participant left');
    if (this.#closed) return;
    this.#receivers.unpublished(publications);
    this.#waitForSomebody();
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

  #waitForSomebody(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.#closed || this.#roster.size > 0 || this.#arriving > 0) return;
    const graceMs = this.#stopsAt === undefined ? this.#options.limits.roomGraceMs : 0;
    this.#cancelGrace = this.#options.clock.after(graceMs, () => this.close('ended', false));
  }
}
