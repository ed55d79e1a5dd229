import {
  type ChatMessage,
  type ClientMessageHeader,
  type DataKind,
  type Metadata,
  PlenumError,
  type RoomSettings,
} from '../protocol/index.ts';
import { chatMessage } from './ChatHistory.ts';
import { Directory, type Page, type PageRequest } from './Directory.ts';
import type { Meeting } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';
import { Recent } from './Recent.ts';
import type { Visitor } from './RoomOptions.ts';
import type { RoomParts } from './RoomParts.ts';
import { type ParticipantStats, type RoomStats, statisticsOf, sumOf } from './statistics.ts';

export interface RoomAdminOptions {
  name: string;
  clock: Clock;
  meeting: Meeting;
  parts: Pick<RoomParts, 'roster' | 'rules' | 'spotlight' | 'data' | 'say'>;
}

/** A room as a whole. */
export interface RoomFacts {
  name: string;
  sessionId: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  startedAt?: number;
  endsAt?: number;
  participants: number;
  publications: number;
  settings: RoomSettings;
  /** Identities. */
  spotlight: string[];
}

/** How long statistics stay what they are, in milliseconds: the workers are asked for each connection or track. */
const statsMs = 1000;

/** What the application's own server sees and does in a room, besides moderation. It sees hidden participants as well. */
export class RoomAdmin {
  readonly #options: RoomAdminOptions;
  readonly #createdAt: number;
  readonly #everybody = new Directory<Participant>();
  /** By identity. */
  readonly #metadata = new Map<string, Metadata>();
  readonly #roomStats: Recent<RoomStats>;
  readonly #participantStats = new WeakMap<Participant, Recent<ParticipantStats>>();

  constructor(options: RoomAdminOptions) {
    this.#options = options;
    const { roster } = options.parts;
    this.#roomStats = new Recent(options.clock, statsMs, () => sumOf(roster.participants));
    this.#createdAt = options.clock.date();
  }

  get facts(): RoomFacts {
    const { name, meeting, parts } = this.#options;
    const { sessionId, startedAt } = meeting;
    const { settings, endsAt } = parts.rules;
    return {
      ...{ name, sessionId, createdAt: this.#createdAt },
      ...(startedAt !== undefined && { startedAt }),
      ...(endsAt !== undefined && { endsAt }),
      participants: parts.roster.size,
      publications: parts.roster.publications.size,
      settings,
      spotlight: [...parts.spotlight.identities],
    };
  }

  joined(participant: Participant): void {
    this.#everybody.add(participant);
  }

  left(participant: Participant): void {
    this.#everybody.remove(participant);
  }

  /** @throws PlenumError `bad-request` for a cursor that no page gave */
  page(request: PageRequest): Page<Participant> {
    return this.#everybody.page(request);
  }

  /** @throws PlenumError `not-found` */
  participant(participantId: string): Participant {
    const found = this.#options.parts.roster.participant(participantId);
    if (!found) throw new PlenumError('not-found', 'there is no participant of that id');
    return found;
  }

  /** What the application says of somebody, in place of what the token says: as long as the room lives, in all its visits. */
  giveMetadata(participantId: string, metadata: Metadata): void {
    const { identity } = this.participant(participantId);
    this.#metadata.set(identity, metadata);
    for (const visit of this.#options.parts.roster.allWithIdentity(identity)) visit.giveMetadata(metadata);
  }

  /** Somebody is being moved here: what the application said of it there holds here as well. */
  receive({ identity }: Pick<Participant, 'identity'>, former: RoomAdmin): void {
    const metadata = former.#metadata.get(identity);
    if (metadata) this.#metadata.set(identity, metadata);
  }

  /** What the application says of somebody who comes in. */
  metadataOf({ identity, metadata }: Pick<Visitor, 'identity' | 'metadata'>): Metadata {
    return this.#metadata.get(identity) ?? metadata;
  }

  /** Says something to everybody in the room, under that name. */
  sendChat(displayName: string, text: string): Pick<ChatMessage, 'chatId' | 'sentAt'> {
    const message = chatMessage({ displayName }, text, this.#options.clock.date());
    this.#options.parts.say(message);
    return { chatId: message.chatId, sentAt: message.sentAt };
  }

  /**
   * @returns how many participants it is for
   * @throws PlenumError `message-too-large`, or `not-found` where some of those named are not in the room
   */
  sendData(kind: DataKind, header: Pick<ClientMessageHeader, 'to' | 'topic'>, payload: Uint8Array): number {
    return this.#options.parts.data.sendAsServer(kind, { header, payload });
  }

  /** Of all together, as they are or were a moment ago. */
  stats(): Promise<RoomStats> {
    return this.#roomStats.get();
  }

  /**
   * As they are, or were a moment ago.
   * @throws PlenumError `not-found`
   */
  statsOf(participantId: string): Promise<ParticipantStats> {
    const participant = this.participant(participantId);
    const look = () => statisticsOf(participant);
    const recent = this.#participantStats.get(participant) ?? new Recent(this.#options.clock, statsMs, look);
    this.#participantStats.set(participant, recent);
    return recent.get();
  }
}
