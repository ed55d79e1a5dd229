import type { Socket } from 'socket.io';
import type { Notice } from '../protocol/index.ts';
import type { ParticipantLink, PersonalNotice, SharedNotice } from '../room/ports.ts';
import { type Limit, unlimited } from '../room/TokenBucket.ts';
import { cut } from './engineSocket.ts';
import { type KeptNotice, NoticeRing } from './NoticeRing.ts';

/** What ends a visit, to be said once more where the client may not have heard it. */
const lastWords: ReadonlySet<PersonalNotice> = new Set(['removed', 'roomClosed', 'moved']);

/** The way to the client of one visit, over one socket after another; at times over none. */
export class VisitLink implements ParticipantLink {
  readonly #ring = new NoticeRing();
  readonly #channels = new Set<string>();
  #socket: Socket | undefined;
  #seq = 0;
  #farewell: KeptNotice | undefined;
  /** The number of the last `mediaReset`. */
  #mediaSince = 0;
  #dataLimit = unlimited;
  #address: string | undefined;

  /** The socket that is in use. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** Why the visit has ended, or goes on elsewhere, if the client was told. */
  get farewell(): KeptNotice | undefined {
    return this.#farewell;
  }

  /** Of the connection that is in use, or was last. */
  get dataLimit(): Limit {
    return this.#dataLimit;
  }

  get address(): string | undefined {
    return this.#address;
  }

  /** @param dataLimit what its client shares with others that come from there, or are there */
  attach(socket: Socket, address: string, dataLimit: Limit): void {
    this.#socket = socket;
    this.#address = address;
    this.#dataLimit = dataLimit;
    this.#ring.setAway(false);
  }

  /** The socket is gone, or is not to be used any more; notices are kept for the next one. */
  detach(): void {
    this.#socket = undefined;
    this.#ring.setAway(true);
  }

  /** Gives the socket away, which hears nothing of the room any more: another visit goes on over it. */
  release(): Socket | undefined {
    const socket = this.#socket;
    for (const channel of this.#channels) void socket?.leave(channel);
    this.detach();
    return socket;
  }

  /** The client has answered a heartbeat. */
  heartbeat(): void {
    this.#ring.heartbeat();
  }

  welcome(payload: Notice<'welcome'>): void {
    this.#socket?.emit('welcome', payload);
  }

  notify<N extends PersonalNotice>(name: N, payload: Omit<Notice<N>, 'seq'>): void {
    this.#seq += 1;
    const notice = { seq: this.#seq, name, payload: { ...payload, seq: this.#seq } };
    if (lastWords.has(name)) this.#farewell = notice;
    if (name === 'mediaReset') this.#mediaSince = this.#seq;
    this.#ring.add(notice);
    this.#socket?.emit(name, notice.payload);
  }

  tell<N extends SharedNotice>(name: N, payload: Notice<N>): void {
    this.#socket?.emit(name, payload);
  }

  enterChannel(channel: string): void {
    this.#channels.add(channel);
    // The adapter is in memory: joining is synchronous, whatever its type says of other adapters.
    void this.#socket?.join(channel);
  }

  /** The socket is another one: it hears from now on what the former heard. */
  enterChannels(): void {
    for (const channel of this.#channels) this.enterChannel(channel);
  }

  /** What a client has missed that has received all up to that number; undefined where not all of it is kept. */
  since(seq: number): KeptNotice[] | undefined {
    return this.#ring.since(seq);
  }

  /** Whether a client with the notices up to that number knows the transports of now, of which no snapshot tells. */
  knowsMedia(seq: number): boolean {
    return seq >= this.#mediaSince;
  }

  /** Says it once more, as it was. */
  repeat({ name, payload }: KeptNotice): void {
    this.#socket?.emit(name, payload);
  }

  /** Ends the socket without a word, after what was sent before has left. */
  break(): void {
    const socket = this.#socket;
    if (socket) setImmediate(() => cut(socket.conn));
  }

  close(): void {
    const socket = this.#socket;
    // After what was sent before has left: disconnect() alone would cut it off on a slow network.
    if (socket) setImmediate(() => socket.disconnect(true));
  }
}
