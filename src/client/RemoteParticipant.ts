import type { ConnectionQuality, Metadata, ParticipantInfo, Source } from '../protocol/index.ts';
import { loudness } from './loudness.ts';
import type { RemotePublication } from './RemotePublication.ts';

/** Somebody else in the room. */
export class RemoteParticipant {
  readonly #publications = new Map<string, RemotePublication>();
  #info: ParticipantInfo;
  #level: number | undefined;

  /** @internal */
  constructor(info: ParticipantInfo) {
    this.#info = info;
  }

  /** Names this visit; another one after a reconnect. */
  get participantId(): string {
    return this.#info.participantId;
  }

  /** Stable over reconnects, given by the application in the token. */
  get identity(): string {
    return this.#info.identity;
  }

  get displayName(): string {
    return this.#info.displayName;
  }

  /** May moderate the room. */
  get moderator(): boolean {
    return this.#info.moderator;
  }

  get metadata(): Metadata {
    return this.#info.metadata;
  }

  /** Milliseconds since 1970; undefined while the hand is down. */
  get handRaisedAt(): number | undefined {
    return this.#info.handRaisedAt ?? undefined;
  }

  /** Milliseconds since 1970. */
  get joinedAt(): number {
    return this.#info.joinedAt;
  }

  /** In a large room kept up to date while something of this person is received. */
  get connection(): ConnectionQuality {
    return this.#info.connection;
  }

  get isSpeaking(): boolean {
    return this.#level !== undefined;
  }

  /** 0 (silence) to 1. */
  get audioLevel(): number {
    return this.#level === undefined ? 0 : loudness(this.#level);
  }

  /** By publicationId. */
  get publications(): ReadonlyMap<string, RemotePublication> {
    return this.#publications;
  }

  /** The newest publication of that source. */
  publication(source: Source): RemotePublication | undefined {
    return [...this.#publications.values()].findLast((publication) => publication.source === source);
  }

  /** @internal */
  get own(): Map<string, RemotePublication> {
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

  /** @internal dBov, or undefined while it is quiet. */
  setLevel(level: number | undefined): void {
    this.#level = level;
  }
}
