import type { Fault, Harm } from '../Fault.ts';
import { pause } from '../pause.ts';
import { longestStandstill, standstill } from './standstill.ts';

const mediaMs = 20_000;

/** A deploy: the old server drains while the call goes on, then ends, and a new one takes over at the same address. */
export const drain: Fault = {
  name: 'drain',
  what: 'SIGTERM: /ready says 503 after, pictures and sound stand still in the 20 s that follow, all are back after the next server listens',
  times: { quick: 1, full: 20 },
  figures: {
    refuses: { unit: 'ms', max: 1000 },
    ...standstill({ max: 500 }),
    // Three browsers come back at once to a server that has just begun, on the same two cores.
    back: { unit: 'ms', max: 3000, line: 5000 },
  },
  expected: [/net::ERR_/, /WebSocket connection to/],
  async apply(world): Promise<Harm> {
    const { server } = world;
    const refused = await server.watchFor('/ready', 503);
    const beganAt = Date.now();
    server.signal('SIGTERM');
    return {
      hit: 'the server',
      async measure(meter) {
        const refuses = (await refused()) - beganAt;
        const { status } = await server.ask('/health');
        if (status !== 200) throw new Error(`/health answers ${status} while the server drains`);
        await pause(mediaMs - (Date.now() - beganAt));
        const stood = await longestStandstill(meter);
        const { code } = await server.ended();
        if (code !== 0) throw new Error(`the server ended with code ${code}`);
        if (server.processes().length > 0) throw new Error('a worker has outlived its server');
        const listensAt = await server.start();
        await world.untilCalm();
        return { refuses, ...stood, back: Math.max(0, (await meter.lastEnd()) - listensAt) };
      },
      async heal() {
        if (!server.running) await server.start();
      },
    };
  },
};
