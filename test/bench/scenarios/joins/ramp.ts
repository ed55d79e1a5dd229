import { readdirSync, readFileSync } from 'node:fs';
import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type LoadContext, LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { BenchServer } from '../../server/BenchServer.ts';

export interface RampOptions {
  joins: number;
  perSecond: number;
  /** Participants up to which everybody is told of everybody; see the option of that name. */
  fullRoster: number;
  /** One in so many connects its transport, with a DTLS handshake: a sample. */
  connectEach: number;
  /** In which use is taken, as numbers of joins, counting from 1; in their order, none within another. */
  windows: readonly Window[];
}

export interface Window {
  first: number;
  last: number;
}

/** Per join in that window. */
export interface JoinCost {
  /** Seconds of CPU. */
  node: number;
  workers: number;
  /** Written to all sockets. */
  bytes: number;
}

export interface Ramp {
  /** Of each window. */
  costs: JoinCost[];
  /** From the beginning of each connection to the answer to its join. */
  joinMs: number[];
  failed: number;
  /** CPU seconds per second of the process that makes the load, and of the server's Node process. */
  load: number;
  node: number;
}

interface Moment {
  node: number;
  workers: number;
  bytes: number;
}

/** After the last answer: the room's delta of that join has left by then. */
const settleMs = 200;

/**
 * Lets people into one room at a steady rate, and takes what the server uses while those of each window come in. Before
 * and after a window everybody who has begun to join is waited for, so that no other join is counted.
 */
export async function ramp({ joins, perSecond, fullRoster, connectEach, windows }: RampOptions): Promise<Ramp> {
  const context = await createContext();
  const server = await BenchServer.start({ config: { maxParticipants: joins + 100, fullRoster } });
  const tokens = await Promise.all(
    Array.from({ length: joins }, (_, index) => server.token('ramp', `person-${index}`)),
  );
  const participants: LoadParticipant[] = [];
  let failed = 0;
  const join = async (index: number, token: string) => {
    try {
      const receive = index % connectEach === 0;
      participants.push(await LoadParticipant.join(context, { url: server.url, token, receive, roster: false }));
    } catch {
      failed += 1;
    }
  };
  /** Those from that number on, counting from 0, up to the other. */
  const joinAll = async (from: number, to: number) => {
    const startedAt = performance.now();
    const pending: Promise<void>[] = [];
    for (const [place, token] of tokens.slice(from, to).entries()) {
      await pause(startedAt + (place * 1000) / perSecond - performance.now());
      pending.push(join(from + place, token));
    }
    await Promise.all(pending);
    await pause(settleMs);
  };
  try {
    await warmUp(context, server, perSecond);
    const begun = process.cpuUsage();
    const startedAt = performance.now();
    const costs: JoinCost[] = [];
    const start = await momentOf(server);
    let joined = 0;
    for (const { first, last } of windows) {
      await joinAll(joined, first - 1);
      const before = await momentOf(server);
      await joinAll(first - 1, last);
      const after = await momentOf(server);
      costs.push(costBetween(before, after, last - first + 1));
      joined = last;
    }
    await joinAll(joined, joins);
    const seconds = (performance.now() - startedAt) / 1000;
    const own = process.cpuUsage(begun);
    return {
      costs,
      joinMs: participants.map(({ joinMs }) => joinMs),
      failed,
      load: (own.user + own.system) / 1e6 / seconds,
      node: ((await momentOf(server)).node - start.node) / seconds,
    };
  } finally {
    await Promise.all(participants.map((participant) => participant.close()));
    await server.close();
  }
}

/** People who come and go in another room: the first joins of a process cost more than any later ones. */
async function warmUp(context: LoadContext, server: BenchServer, perSecond: number): Promise<void> {
  const visits = Array.from({ length: 4 * perSecond }, async (_, index) => {
    const token = await server.token('warm-up', `person-${index}`);
    await pause((index * 1000) / perSecond);
    const participant = await LoadParticipant.join(context, { url: server.url, token, receive: false, roster: false });
    await pause(500);
    await participant.close();
  });
  await Promise.all(visits);
}

function costBetween(before: Moment, after: Moment, joins: number): JoinCost {
  return {
    node: (after.node - before.node) / joins,
    workers: (after.workers - before.workers) / joins,
    bytes: (after.bytes - before.bytes) / joins,
  };
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function momentOf(server: BenchServer): Promise<Moment> {
  const { nodeSeconds, socketBytes } = await server.use();
  const workers = server.workerPids.reduce((sum, pid) => sum + runSeconds(pid), 0);
  return { node: nodeSeconds, workers, bytes: socketBytes };
}

/** CPU of all threads of a process in seconds, to the nanosecond: twenty joins take less than a few ticks of the clock. */
function runSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
