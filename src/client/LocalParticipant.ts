import type { ConnectionQuality, Grants, Metadata, ParticipantInfo, RoomSettings, Source } from '../protocol/index.ts';
import { mayPublish, plainGrants, plainRoomSettings } from '../protocol/index.ts';
import type { LocalPublication } from './LocalPublication.ts';

/** Oneself. */
export class LocalParticipant {
  readonly #publications: ReadonlyMap<Source, LocalPublication>;
  #info: ParticipantInfo;
  #grants: Grants = plainGrants;
  #settings: RoomSettings = plainRoomSettings;
  #speaking = false;

  /** @internal */
  constructor(info: ParticipantInfo, publications: ReadonlyMap<Source, LocalPublication>) {
    this.#info = info;
    this.#publications = publications;
  }

  /** Names this visit; another one after a reconnect. */
  get participantId(): string {
    return this.#info.participantId;
  }

  get identity(): string {
    return this.#info.identity;
  }

  get displayName(): string {
    return this.#info.displayName;
  }

  /** May moderate the room: see `Room.moderate()`. */
  get moderator(): boolean {
    return this.#grants.moderator;
  }

  get metadata(): Metadata {
    return this.#info.metadata;
  }

  get handRaised(): boolean {
    return this.#info.handRaisedAt !== null;
  }

  /** Milliseconds since 1970; undefined while the hand is down. */
  get handRaisedAt(): number | undefined {
    return this.#info.handRaisedAt ?? undefined;
  }

  /** Milliseconds since 1970. */
  get joinedAt(): number {
    return this.#info.joinedAt;
  }

  /** How well the server hears from here. */
  get connection(): ConnectionQuality {
    return this.#info.connection;
  }

  /** What the access token, or a moderator since then, lets this participant do. */
  get grants(): Grants {
    return this.#grants;
  }

  /** Whether tracks of that source may be sent, by these rights and the room's settings. */
  mayPublish(source: Source): boolean {
    return mayPublish(this.#grants, source, this.#settings);
  }

  get isSpeaking(): boolean {
    return this.#speaking;
  }

  get publications(): ReadonlyMap<Source, LocalPublication> {
    return this.#publications;
  }

  /** @internal */
  update(info: ParticipantInfo): void {
    this.#info = info;
  }

  /** @internal */
  setConnection(connection: ConnectionQuality): void {
    this.#info = { ...this.#info, connection };
  }

  /** @internal */
  allow(grants: Grants, settings: RoomSettings): void {
    this.#grants = grants;
    this.#settings = settings;
  }

  /** @internal */
  setSpeaking(speaking: boolean): void {
    this.#speaking = speaking;
  }
}
