import type { Ban, ChatMessage, Metadata, ModerationInput, SimulatedFault } from '../protocol/index.ts';
import { Attendance } from './Attendance.ts';
import { ChatLog } from './ChatLog.ts';
import type { CameraOptions, MicrophoneOptions, ScreenOptions } from './capture.ts';
import { assertSupportedBrowser, isSupportedBrowser } from './device.ts';
import type { FileTransfer } from './FileTransfer.ts';
import { Hub } from './Hub.ts';
import { makeId } from './ids.ts';
import { LocalMedia } from './LocalMedia.ts';
import type { LocalParticipant } from './LocalParticipant.ts';
import type { LocalPublication } from './LocalPublication.ts';
import { noticeHandlers } from './noticeHandlers.ts';
import { tell, whileJoined, whileOpen } from './operations.ts';
import type { DataOptions, FileOptions, JoinOptions, PrepareOptions, PublishOptions, RoomOptions } from './options.ts';
import { PageWatch } from './PageWatch.ts';
import { Playback } from './Playback.ts';
import { fetchPage, type ListOptions, type ParticipantPage } from './participantPage.ts';
import type { RemoteParticipant } from './RemoteParticipant.ts';
import { RoomData } from './RoomData.ts';
import type { RoomState, Speaker, Trouble } from './RoomEvents.ts';
import { RoomFacts } from './RoomFacts.ts';
import { Roster } from './Roster.ts';
import { Self } from './Self.ts';
import type { Session } from './Session.ts';
import { type RoomStats, StatsCollector } from './StatsCollector.ts';
import { type ViewChoice, Views } from './Views.ts';
import { Visiting } from './Visiting.ts';

/**
 * A meeting, as seen by one participant. Every method that talks to the server rejects with a PlenumError whose `code`
 * is one of the protocol's: `timeout` without an answer, `disconnected` without a connection, `wrong-phase` before the
 * join, `aborted` when the room is left meanwhile, `closed` afterwards.
 */
export class Room extends RoomFacts {
  readonly #hub = new Hub();
  readonly #playback = new Playback(this.#hub);
  readonly #views: Views = new Views(this.#hub, () => this.#roster.publications);
  readonly #roster = new Roster(this.#hub, this.#playback, this.#views.listener, (me) =>
    this.#me.update(me, this.server),
  );
  readonly #media = new LocalMedia(this.#hub);
  readonly #me = new Self(this.#hub, this.#media.publisher.publications);
  readonly #chat = new ChatLog();
  readonly #data = new RoomData(this.#hub, this.#roster);
  readonly #stats = new StatsCollector();
  readonly #page = new PageWatch({
    hidden: () => this.#attendance.leaveNow(),
    devicesChanged: () => this.#hub.emit('devicesChanged'),
  });
  readonly #attendance: Attendance;
  readonly #visiting = new Visiting({
    hub: this.#hub,
    server: this.server,
    roster: this.#roster,
    media: this.#media,
    views: this.#views,
    chat: this.#chat,
    data: this.#data,
    page: this.#page,
  });
  readonly #whileOpen = <T>(work: (session: () => Session) => Promise<T>) => whileOpen(this.#attendance, work);

  constructor(options: RoomOptions = {}) {
    super();
    const handlers = noticeHandlers({
      hub: this.#hub,
      roster: this.#roster,
      chat: this.#chat,
      publisher: this.#media.publisher,
      subscriber: () => this.#visiting.subscriber,
      local: () => this.#me.participant,
      server: this.server,
      attendance: () => this.#attendance,
      data: this.#data,
    });
    this.#attendance = new Attendance(
      { url: options.url, connectTimeoutMs: options.connectTimeoutMs ?? 10_000 },
      {
        handlers,
        joinParams: () => ({ view: this.#views.beginJoin(), pinned: this.#views.pinned, metadata: this.#me.metadata }),
        entered: (session, answer) => this.#visiting.entered(session, answer),
        interrupted: () => this.#visiting.interrupted(),
        stateChanged: (state, detail) => this.#hub.emit('stateChanged', state, detail),
        troubleChanged: (trouble) => this.#hub.emit('troubleChanged', trouble),
        leaving: (aborted) => this.#visiting.release(aborted),
        ended: (reason, message) => this.#visiting.ended(reason, message),
        error: (error) => this.#hub.emit('error', error),
      },
    );
  }

  /** Whether this browser has the parts of WebRTC that Plenum needs. */
  static readonly isSupported: () => boolean = isSupportedBrowser;

  get state(): RoomState {
    return this.#attendance.state;
  }

  /** What is being mended, all by itself; undefined while all is well. */
  get trouble(): Trouble | undefined {
    return this.#attendance.trouble;
  }

  /** Oneself; undefined before the join. */
  get local(): LocalParticipant | undefined {
    return this.#me.participant;
  }

  /** The others, by participantId. Where `isPartialRoster` not all of them: see `listParticipants()`. */
  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#roster.participants;
  }

  /** How many people are in the room, oneself included; in a large room it may lag by some seconds. 0 before the join. */
  get participantCount(): number {
    return this.#roster.count;
  }

  /** The room is too large to tell everybody of everybody: only of who publishes, speaks, raises a hand, is received. */
  get isPartialRoster(): boolean {
    return this.#roster.partial;
  }

  /** Messages, oldest first; a new array after each change. */
  get chat(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  /** Who is loudest right now, loudest first. */
  get speakers(): readonly Speaker[] {
    return this.#roster.speakers;
  }

  /** False while the browser keeps sound back: call `startAudio()` in a click. */
  get canPlayAudio(): boolean {
    return this.#playback.canPlay;
  }

  /** Calls the listener at each event of that name. Returns a function that ends it. */
  readonly on: Hub['on'] = (event, listener) => this.#hub.on(event, listener);
  readonly once: Hub['once'] = (event, listener) => this.#hub.once(event, listener);
  readonly off: Hub['off'] = (event, listener) => this.#hub.off(event, listener);

  /** Connects and finds out what the browser can do, so that the join is faster; for a page shown before it. */
  async prepare(options: PrepareOptions): Promise<void> {
    assertSupportedBrowser();
    await this.#attendance.prepare(options.token);
  }

  /**
   * Enters the room of the token. Resolves when the server has let us in, or (state `waiting`) a moderator from the lobby.
   * @throws PlenumError for example `unauthorized`, `room-full`, `refused`, `unsupported-browser`; join again if you like.
   */
  async join(options: JoinOptions): Promise<void> {
    assertSupportedBrowser();
    if (options.metadata) this.#me.metadata = options.metadata;
    if (options.view !== undefined) this.#views.beginJoin(options.view);
    await this.#attendance.join(options.token);
  }

  /** Goes, releases the devices and ends everything; the object cannot be used again. */
  async leave(): Promise<void> {
    await this.#attendance.leave();
  }

  /** Sends a track. A camera or microphone belongs to the room from then on: see `keepTrack`. */
  publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalPublication> {
    return whileJoined(this.#attendance, () => this.#media.publish(track, options));
  }

  unpublish(publication: LocalPublication): Promise<void> {
    return this.#whileOpen(() => this.#media.publisher.unpublish(publication));
  }

  /** On: starts the camera. Off: releases it, so that its light goes out; others see it as muted. */
  setCameraEnabled(on: boolean, options?: CameraOptions): Promise<void> {
    return whileJoined(this.#attendance, () => this.#media.setCamera(on, options));
  }

  /** On: starts or unmutes the microphone. Off: mutes it for all. */
  setMicrophoneEnabled(on: boolean, options?: MicrophoneOptions): Promise<void> {
    return whileJoined(this.#attendance, () => this.#media.setMicrophone(on, options));
  }

  /** On: asks the person what to share (call it in a click). Off: stops sharing. */
  setScreenShareEnabled(on: boolean, options?: ScreenOptions): Promise<void> {
    return whileJoined(this.#attendance, () => this.#media.setScreen(on, options));
  }

  /** Uses another camera or microphone from now on; one that is off stays off. */
  switchDevice(kind: 'camera' | 'microphone', deviceId: string): Promise<void> {
    return this.#whileOpen(() => this.#media.switchDevice(kind, deviceId));
  }

  /**
   * What to receive from now on: a list of videos, `auto` (the server chooses), or `elements` (what the page shows: the
   * default). Fast changes are merged; resolves when this view or a newer one has reached the server.
   */
  setView(view: ViewChoice): Promise<void> {
    return this.#whileOpen(() => this.#views.choose(view));
  }

  /**
   * One page of everybody, or of those whom a query finds, sorted by name: a copy, which does not change with the room.
   * @throws PlenumError `rate-limited` after more than four pages a second for long, `bad-request` for a wrong `after`
   */
  listParticipants(options: ListOptions = {}): Promise<ParticipantPage> {
    return this.#whileOpen((session) => fetchPage(session(), options, this.local?.participantId));
  }

  /** Whose sound is always received, however many are louder: up to 32 identities, also of people who come later. */
  setPinned(identities: readonly string[]): Promise<void> {
    return this.#whileOpen(() => this.#views.pin(identities));
  }

  /** Says something to everybody; it comes back as `chatMessage`. */
  sendChat(text: string): Promise<void> {
    return tell(this.#attendance, 'sendChat', { requestId: makeId(), text });
  }

  /**
   * Sends bytes to others, who get them as `dataReceived`. Resolves when the server has passed reliable ones on, which slow
   * recipients slow down, and at once for others; a DeliveryError names those who did not get them.
   */
  sendData(data: Uint8Array | ArrayBuffer, options: DataOptions = {}): Promise<void> {
    return whileJoined(this.#attendance, () => this.#data.send(data, options));
  }

  /** Offers a file to others, who get it as `fileOffered`. @throws PlenumError where it cannot even be offered */
  sendFile(file: Blob, options: FileOptions = {}): FileTransfer {
    this.#attendance.require();
    return this.#data.sendFile(file, options);
  }

  /** Replaces one's own metadata. */
  async updateMetadata(metadata: Metadata): Promise<void> {
    await tell(this.#attendance, 'updateMetadata', { requestId: makeId(), metadata });
    this.#me.metadata = metadata;
  }

  setHandRaised(raised: boolean): Promise<void> {
    return tell(this.#attendance, 'raiseHand', { requestId: makeId(), raised });
  }

  /** Mutes, removes, locks and so on, for who is a moderator (`local.grants`). @throws PlenumError `forbidden` for others */
  moderate(moderation: ModerationInput): Promise<void> {
    return tell(this.#attendance, 'moderate', { requestId: makeId(), moderation });
  }

  /**
   * Who cannot come in as long as the room lives, the latest ban first, 200 at most; `moderate()` lifts them by `unban`.
   * @throws PlenumError `forbidden` for who is no moderator
   */
  async listBans(): Promise<Ban[]> {
    const { bans } = await this.#whileOpen((session) => session().request('listBans', {}));
    return bans;
  }

  /** Plays what the browser kept silent; call it in a click. */
  startAudio(): Promise<void> {
    return this.#whileOpen(() => this.#playback.start());
  }

  /** Figures of everything sent and received. Rates are of the time since the last call; at the first they are 0. */
  stats(): Promise<RoomStats> {
    const mine = this.#media.publisher.publications;
    return this.#whileOpen(() => this.#stats.collect(this.#attendance.session?.link, mine, this.#roster.publications));
  }

  /** Breaks it, to see how it comes back. @throws PlenumError `forbidden` unless the server runs with `--simulate-faults` */
  simulateFault(fault: SimulatedFault): Promise<void> {
    return tell(this.#attendance, 'simulateFault', { requestId: makeId(), fault });
  }
}
