import type { Server } from 'socket.io';
import type { Notice } from '../protocol/index.ts';
import type { Announcer, SharedNotice } from '../room/ports.ts';

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
