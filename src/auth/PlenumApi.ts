import type { z } from 'zod';
import type { apiOperations } from '../protocol/api.ts';
import type { ApiParticipant } from '../protocol/apiParticipants.ts';
import type { ApiRoom } from '../protocol/apiRooms.ts';
import type { ApiParticipantStats, ApiRoomStats } from '../protocol/apiStats.ts';
import type { Ban, Knock, Metadata, RoomSettingChanges, Source } from '../protocol/index.ts';
import { ApiCalls, type CallOptions, type PlenumApiOptions } from './ApiCalls.ts';

type Body<N extends keyof typeof apiOperations> = z.input<(typeof apiOperations)[N]['body']>;

/** Which page of a list. */
export interface PageOptions {
  /** `next` of the page before. */
  after?: string;
  /** 1 to 100; default: 50. */
  limit?: number;
}

/**
 * The API of a Plenum server, for the application's own server. What fails in the network, or for want of time (429,
 * 503), is tried again with the same idempotency key, so that it is done once. Everything rejects with PlenumApiError where the
 * server refuses it, or something before the server answers in its place, and with PlenumError `disconnected`, `timeout` or
 * `aborted` where no answer came. Redirections are not followed.
 */
export class PlenumApi {
  readonly #calls: ApiCalls;

  constructor(options: PlenumApiOptions) {
    this.#calls = new ApiCalls(options);
  }

  /** One page of the rooms that the token reaches, sorted by name. */
  listRooms(
    query: PageOptions & { prefix?: string } = {},
    options?: CallOptions,
  ): Promise<{ rooms: ApiRoom[]; next?: string | undefined }> {
    return this.#calls.call('listRooms', { params: {}, query: { ...query } }, options);
  }

  /** All rooms that the token reaches, page by page. */
  async *rooms(query: { prefix?: string } = {}, options?: CallOptions): AsyncGenerator<ApiRoom, void> {
    let after: string | undefined;
    do {
      const page = await this.listRooms({ ...query, limit: 100, ...(after !== undefined && { after }) }, options);
      yield* page.rooms;
      after = page.next;
    } while (after !== undefined);
  }

  createRoom(room: Body<'createRoom'>, options?: CallOptions): Promise<ApiRoom> {
    return this.#calls.call('createRoom', { params: {}, body: room }, options);
  }

  readRoom(room: string, options?: CallOptions): Promise<ApiRoom> {
    return this.#calls.call('readRoom', { params: { room } }, options);
  }

  /** What is left out stays as it is; null takes a limit away. */
  updateRoom(room: string, settings: RoomSettingChanges, options?: CallOptions): Promise<ApiRoom> {
    return this.#calls.call('updateRoom', { params: { room }, body: { settings } }, options);
  }

  async endRoom(room: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('endRoom', { params: { room } }, options);
  }

  /** One page of everybody in a room, hidden ones included, sorted by name. */
  listParticipants(
    room: string,
    query: PageOptions & { query?: string } = {},
    options?: CallOptions,
  ): Promise<{ participants: ApiParticipant[]; total: number; next?: string | undefined }> {
    return this.#calls.call('listParticipants', { params: { room }, query: { ...query } }, options);
  }

  /** Everybody in a room, page by page. */
  async *participants(
    room: string,
    query: { query?: string } = {},
    options?: CallOptions,
  ): AsyncGenerator<ApiParticipant, void> {
    let after: string | undefined;
    do {
      const wanted = { ...query, limit: 100, ...(after !== undefined && { after }) };
      const page = await this.listParticipants(room, wanted, options);
      yield* page.participants;
      after = page.next;
    } while (after !== undefined);
  }

  readParticipant(room: string, participantId: string, options?: CallOptions): Promise<ApiParticipant> {
    return this.#calls.call('readParticipant', { params: { room, participantId } }, options);
  }

  updateParticipant(
    room: string,
    participantId: string,
    changes: { metadata?: Metadata; grants?: Body<'updateParticipant'>['grants'] },
    options?: CallOptions,
  ): Promise<ApiParticipant> {
    return this.#calls.call('updateParticipant', { params: { room, participantId }, body: changes }, options);
  }

  async removeParticipant(
    room: string,
    participantId: string,
    { ban, reason, ...options }: CallOptions & { ban?: boolean; reason?: string } = {},
  ): Promise<void> {
    await this.#calls.call('removeParticipant', { params: { room, participantId }, query: { ban, reason } }, options);
  }

  /** One page of those who cannot come in, the latest ban first. */
  listBans(
    room: string,
    query: PageOptions = {},
    options?: CallOptions,
  ): Promise<{ bans: Ban[]; next?: string | undefined }> {
    return this.#calls.call('listBans', { params: { room }, query: { ...query } }, options);
  }

  /** Everybody who cannot come in, page by page. */
  async *bans(room: string, options?: CallOptions): AsyncGenerator<Ban, void> {
    let after: string | undefined;
    do {
      const page = await this.listBans(room, { limit: 100, ...(after !== undefined && { after }) }, options);
      yield* page.bans;
      after = page.next;
    } while (after !== undefined);
  }

  async liftBan(room: string, identity: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('liftBan', { params: { room }, query: { identity } }, options);
  }

  /** Who comes first in everybody's view, instead of those who do now. */
  async setSpotlight(room: string, identities: string[], options?: CallOptions): Promise<void> {
    await this.#calls.call('setSpotlight', { params: { room }, body: { identities } }, options);
  }

  async muteEverybody(room: string, { source, ...options }: CallOptions & { source?: Source } = {}): Promise<void> {
    await this.#calls.call('muteEverybody', { params: { room }, body: { source } }, options);
  }

  async muteParticipant(
    room: string,
    participantId: string,
    { source, ...options }: CallOptions & { source?: Source } = {},
  ): Promise<void> {
    await this.#calls.call('muteParticipant', { params: { room, participantId }, body: { source } }, options);
  }

  /** The person decides. */
  async askToUnmute(room: string, participantId: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('askToUnmute', { params: { room, participantId } }, options);
  }

  async lowerHands(room: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('lowerHands', { params: { room } }, options);
  }

  async lowerHand(room: string, participantId: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('lowerHand', { params: { room, participantId } }, options);
  }

  /** Who waits in the lobby; who came first comes first. */
  async readLobby(room: string, options?: CallOptions): Promise<Knock[]> {
    return (await this.#calls.call('readLobby', { params: { room } }, options)).waiting;
  }

  /** Lets somebody in who waits in the lobby. */
  async admit(room: string, knockId: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('admit', { params: { room, knockId } }, options);
  }

  /** Lets in everybody who waits in the lobby. */
  async admitEverybody(room: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('admitEverybody', { params: { room } }, options);
  }

  /** Sends somebody away who waits in the lobby. */
  async refuse(
    room: string,
    knockId: string,
    { ban, reason, ...options }: CallOptions & { ban?: boolean; reason?: string } = {},
  ): Promise<void> {
    await this.#calls.call('refuse', { params: { room, knockId }, query: { ban, reason } }, options);
  }

  /** Over the same connection; a room that is not there is made. */
  async moveParticipant(room: string, participantId: string, target: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('moveParticipant', { params: { room, participantId }, body: { room: target } }, options);
  }

  async endPublication(room: string, publicationId: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('endPublication', { params: { room, publicationId } }, options);
  }

  /** Says something in the chat, as the server. */
  sendChat(
    room: string,
    message: Body<'sendChat'>,
    options?: CallOptions,
  ): Promise<{ chatId: string; sentAt: number }> {
    return this.#calls.call('sendChat', { params: { room }, body: message }, options);
  }

  /** Sends data over the data channels, as the server; resolves when it is on its way. */
  sendData(room: string, message: Body<'sendData'>, options?: CallOptions): Promise<{ recipients: number }> {
    return this.#calls.call('sendData', { params: { room }, body: message }, options);
  }

  readRoomStats(room: string, options?: CallOptions): Promise<ApiRoomStats> {
    return this.#calls.call('readRoomStats', { params: { room } }, options);
  }

  readParticipantStats(room: string, participantId: string, options?: CallOptions): Promise<ApiParticipantStats> {
    return this.#calls.call('readParticipantStats', { params: { room, participantId } }, options);
  }
}
