import type { Fault } from '../Fault.ts';
import { pause } from '../pause.ts';

/** The process is killed, is away for a while, and comes back with another secret for tokens and no memory. */
export const serverRestart: Fault = {
  name: 'server-restart',
  what: 'the server is killed and started again; everybody is back so long after it listens',
  times: { quick: 1, full: 20 },
  soak: 'over',
  // As after a drain.
  figures: { back: { unit: 'ms', max: 3000, line: 5000 } },
  expected: [
    /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE/,
    /WebSocket connection to/,
  ],
  async apply(world, dice) {
    const { server } = world;
    const awayMs = dice.between(0, 2000);
    await server.kill();
    return {
      hit: `away for ${awayMs} ms`,
      async measure(meter) {
        await pause(awayMs);
        const listensAt = await server.start();
        await world.untilCalm();
        return { back: Math.max(0, (await meter.lastEnd()) - listensAt) };
      },
      async heal() {
        if (!server.running) await server.start();
      },
    };
  },
};
