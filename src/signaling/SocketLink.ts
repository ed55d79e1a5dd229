import type { Server, Socket } from 'socket.io';
import type { Notice } from '../protocol/index.ts';
import type { Announcer, ParticipantLink, PersonalNotice, SharedNotice } from '../room/ports.ts';

/** The way to one client over its socket. */
export class SocketLink implements ParticipantLink {
  readonly #socket: Socket;
  #seq = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  welcome(payload: Notice<'welcome'>): void {
    this.#socket.emit('welcome', payload);
  }

  notify<N extends PersonalNotice>(name: N, payload: Omit<Notice<N>, 'seq'>): void {
    this.#seq += 1;
    this.#socket.emit(name, { ...payload, seq: this.#seq });
  }

  tell<N extends SharedNotice>(name: N, payload: Notice<N>): void {
    this.#socket.emit(name, payload);
  }

  enterChannel(channel: string): void {
    // The adapter is in memory: joining is synchronous, whatever its type says of other adapters.
    void this.#socket.join(channel);
  }

  close(): void {
    // After what was sent before has left: disconnect() alone would cut it off on a slow network.
    setImmediate(() => this.#socket.disconnect(true));
  }
}

/** socket.io encodes a message to a channel once for all its sockets. */
export class SocketAnnouncer implements Announcer {
  readonly #io: Server;

  constructor(io: Server) {
    this.#io = io;
  }

  announce<N extends SharedNotice>(channel: string, name: N, payload: Notice<N>): void {
    this.#io.to(channel).emit(name, payload);
  }
}
