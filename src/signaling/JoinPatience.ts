import type { Clock } from '../room/ports.ts';
import type { GatewaySocket } from './Entrance.ts';

/**
 * A socket over which nobody joins takes a place for nothing: after a time it is closed. A page that is shown before the join
 * may be open for long, so its SDK opens another one when its person joins after that.
 */
export class JoinPatience {
  readonly #clock: Clock;
  readonly #ms: number;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Of the visit that goes on over the socket. Who waits in a lobby does not do it for nothing. */
  watch(socket: GatewaySocket): void {
    const { connection } = socket.data;
    if (connection?.phase === 'joined') return;
    const look = () => {
      // Whoever was moved meanwhile goes on over it in another visit, which is watched itself.
      const goesOn = socket.data.connection === connection;
      if (goesOn && (connection?.phase === 'joining' || connection?.inLobby)) {
        cancel = this.#clock.after(this.#ms, look);
        return;
      }
      socket.off('disconnect', stop);
      if (!goesOn || connection?.phase !== 'connected') return;
      connection.log.debug('a socket is closed, since nobody has joined over it');
      socket.disconnect(true);
    };
    let cancel = this.#clock.after(this.#ms, look);
    const stop = () => cancel();
    socket.once('disconnect', stop);
  }
}
