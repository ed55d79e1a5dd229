import { nanoid } from 'nanoid';
import { Emitter } from '../events.ts';
import { type LeaveReason, type Params, PlenumError, type Result, type RoomSnapshot } from '../protocol/index.ts';
import { Changes } from './Changes.ts';
import { ChatHistory } from './ChatHistory.ts';
import { commonVideoCodecs } from './codecs.ts';
import { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import { offerOf, ReceivingSide } from './ReceivingSide.ts';
import { RoomMedia } from './RoomMedia.ts';
import type { RoomOptions, Visitor } from './RoomOptions.ts';
import { speakersOf } from './speakers.ts';

const replacedMessage = 'you joined this room again elsewhere';

/** A meeting: owns its router and its participants, and tells each what the others do. */
export class Room {
  readonly name: string;
  readonly #options: RoomOptions;
  readonly #changes: Changes;
  readonly #chat: ChatHistory;
  readonly #participants = new Map<string, Participant>();
  readonly #receiving = new Map<string, ReceivingSide>();
  readonly #publications = new Map<string, Publication>();
  readonly #events = new Emitter<{ closed: [] }>();
  readonly #media: RoomMedia;
  /** Those whose join is being worked on. */
  readonly #arriving = new Set<Visitor>();
  #visits = 0;
  #cancelGrace: (() => void) | undefined;
  #videoCodecs = commonVideoCodecs([]);
  #closed = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.name = options.name;
    this.#chat = new ChatHistory(options.limits.chatHistory);
    this.#changes = new Changes(options.clock, (delta) => {
      options.announcer.announce(this.channel, 'roomChanged', delta);
    });
    this.#media = new RoomMedia(options.engine, {
      failed: () => this.close('media-failed', true),
      levels: (levels) => {
        options.announcer.announce(this.channel, 'speakers', speakersOf(levels, this.#publications));
      },
    });
    options.log.info('room opened');
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
    return this.#participants.size;
  }

  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  /**
   * Both transports connected, and the consumers for the first view made. `enter()` is to be called when the answer
   * is sent: the participant counts from now on, and hears of changes from then on.
   */
  async join(visitor: Visitor): Promise<{ participant: Participant; enter: () => Result<'join'> }> {
    this.#checkRoomFor(visitor);
    this.#arriving.add(visitor);
    this.#cancelGrace?.();
    try {
      const participant = await this.#admit(visitor);
      return { participant, enter: () => this.#enter(participant) };
    } finally {
      this.#arriving.delete(visitor);
      this.#waitForSomebody();
    }
  }

  /** Closes a participant's visit: it went, or its client is gone. */
  leave(participant: Participant, reason: LeaveReason): void {
    participant.close(reason);
  }

  setView(participant: Participant, params: Params<'setView'>): Result<'setView'> {
    return { version: this.#side(participant).setView(params) };
  }

  sendChat(participant: Participant, text: string): Result<'sendChat'> {
    this.#checkPresent(participant);
    const { participantId, identity, displayName } = participant.info;
    const sentAt = this.#options.clock.now();
    const message = { chatId: nanoid(), participantId, identity, displayName, text, sentAt };
    this.#chat.add(message);
    this.#options.announcer.announce(this.channel, 'chat', message);
    return { chatId: message.chatId, sentAt };
  }

  /** Ends the room for everybody. `rejoin`: whether clients should try to come back by themselves. */
  close(reason: 'ended' | 'server-stopping' | 'media-failed', rejoin: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelGrace?.();
    this.#changes.close();
    for (const participant of this.participants) {
      participant.link.notify('roomClosed', { reason, rejoin });
      participant.close('room-closed');
      participant.link.close();
    }
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
    const { maxParticipants } = this.#options.limits;
    // By identity: a second visit takes the place of the first, and somebody arriving may be a participant already.
    const others = new Set([...this.participants, ...this.#arriving].map((each) => each.identity));
    others.delete(identity);
    if (others.size >= maxParticipants) {
      throw new PlenumError('room-full', `the room is full: it takes ${maxParticipants} participants`);
    }
  }

  async #admit(visitor: Visitor): Promise<Participant> {
    const { identity, displayName, link, params } = visitor;
    this.#visits += 1;
    const visit = this.#visits;
    const media = await this.#media.createTransports(params.dtlsParameters);
    const participantId = nanoid();
    const participant = new Participant({
      participantId,
      identity,
      visit,
      displayName,
      metadata: params.metadata,
      joinedAt: this.#options.clock.now(),
      capabilities: params.recvRtpCapabilities,
      maxPublications: this.#options.limits.maxPublications,
      link,
      ...media,
      log: this.#options.log.child({ participantId }),
    });
    const side = new ReceivingSide({
      participant,
      offer: () => offerOf(this.#publications.values()),
      find: (publicationId) => this.#publications.get(publicationId),
      describe: (publication) => this.#describe(publication),
      askForKeyFrame: (publicationId) => this.#askForKeyFrame(publicationId),
      clock: this.#options.clock,
      view: params.view,
      autoViewVideos: this.#options.limits.autoViewVideos,
    });
    this.#replaceFormerVisit(participant);
    this.#participants.set(participantId, participant);
    this.#receiving.set(participantId, side);
    this.#follow(participant);
    this.#updateVideoCodecs();
    this.#changes.participant(participant.info);
    try {
      side.update();
      await participant.subscriptions.firstView();
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
    const former = this.participants.find(({ identity }) => identity === participant.identity);
    if (!former) return;
    const replaced = former.visit < participant.visit ? former : participant;
    replaced.link.notify('removed', { reason: 'replaced', message: replacedMessage });
    replaced.close('replaced');
    replaced.link.close();
    if (participant.closed) throw new PlenumError('closed', replacedMessage);
  }

  #follow(participant: Participant): void {
    const { participantId } = participant;
    participant.on('published', (publication) => {
      this.#publications.set(publication.publicationId, publication);
      this.#changes.publication(publication.info);
      this.#updateSubscriptions();
    });
    participant.on('unpublished', (publication) => this.#forget(publication));
    participant.on('publicationChanged', (publication) => {
      this.#changes.publication(publication.info);
      this.#updateSubscriptions();
    });
    participant.on('changed', () => this.#changes.participant(participant.info));
    participant.on('qualityChanged', (quality) => {
      this.#changes.refresh(participant.info);
      this.#options.announcer.announce(this.channel, 'quality', { connections: [{ participantId, quality }] });
    });
    // Its publications are closed by then; only the room still knows of them.
    participant.on('closed', (reason) => this.#gone(participant, reason));
  }

  #gone(participant: Participant, reason: LeaveReason): void {
    const { participantId } = participant;
    this.#participants.delete(participantId);
    this.#receiving.get(participantId)?.close();
    this.#receiving.delete(participantId);
    for (const publication of [...this.#publications.values()]) {
      if (publication.participantId === participantId) this.#publications.delete(publication.publicationId);
    }
    this.#changes.left(participantId, reason);
    participant.log.info({ reason }, 'participant left');
    if (this.#closed) return;
    this.#updateVideoCodecs();
    this.#updateSubscriptions();
    this.#waitForSomebody();
  }

  #forget(publication: Publication): void {
    this.#publications.delete(publication.publicationId);
    this.#changes.unpublished(publication.publicationId);
    this.#updateSubscriptions();
  }

  #updateSubscriptions(): void {
    const offer = offerOf(this.#publications.values());
    for (const side of this.#receiving.values()) side.update(offer);
  }

  #updateVideoCodecs(): void {
    const codecs = commonVideoCodecs(this.participants.map(({ capabilities }) => capabilities));
    if (codecs.join() === this.#videoCodecs.join()) return;
    this.#videoCodecs = codecs;
    this.#changes.videoCodecs(codecs);
  }

  #enter(participant: Participant): Result<'join'> {
    this.#checkPresent(participant);
    participant.link.enterChannel(this.channel);
    return {
      participantId: participant.participantId,
      sendTransport: participant.sendTransport.info,
      recvTransport: participant.recvTransport.info,
      subscriptions: participant.subscriptions.open(),
      room: this.#snapshot(),
    };
  }

  #snapshot(): RoomSnapshot {
    return {
      room: this.name,
      revision: this.#changes.revision,
      participants: this.participants.map(({ info }) => info),
      publications: [...this.#publications.values()].map(({ info }) => info),
      videoCodecs: this.#videoCodecs,
      chat: this.#chat.messages,
    };
  }

  #describe(publication: Publication) {
    const participant = this.#participants.get(publication.participantId);
    return participant && { publication: publication.info, participant: participant.info };
  }

  #askForKeyFrame(publicationId: string): boolean {
    const publication = this.#publications.get(publicationId);
    if (!publication || publication.muted || !publication.mayAskForKeyFrame(this.#options.clock.now())) return false;
    this.#participants.get(publication.participantId)?.link.notify('keyFrameWanted', { publicationId });
    return true;
  }

  #side(participant: Participant): ReceivingSide {
    const side = this.#receiving.get(participant.participantId);
    if (!side) throw new PlenumError('closed', 'the participant has left');
    return side;
  }

  #waitForSomebody(): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    if (this.#closed || this.#participants.size > 0 || this.#arriving.size > 0) return;
    this.#cancelGrace = this.#options.clock.after(this.#options.limits.roomGraceMs, () => this.close('ended', false));
  }
}
