import type { Clock } from '../room/ports.ts';
import type { Connection } from './Connection.ts';
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

  /** @param visitOf the visit that goes on over the socket */
  watch(socket: GatewaySocket, visitOf: () => Connection): void {
    if (visitOf().phase === 'joined') return;
    const cancel = this.#clock.after(this.#ms, () => {
      const { phase, log } = visitOf();
      if (phase === 'joining') this.watch(socket, visitOf);
      if (phase !== 'connected') return;
      log.debug('a socket is closed, since nobody has joined over it');
      socket.disconnect(true);
    });
    socket.once('disconnect', cancel);
  }
}
