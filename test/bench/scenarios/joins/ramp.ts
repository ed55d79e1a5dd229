import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import { type LoadContext, LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { LeanClient } from '../../load/LeanClient.ts';
import { cpuSeconds } from '../../processUse.ts';
import { percentile } from '../../report.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';

export interface RampPlan {
  joins: number;
  perSecond: number;
  /**
   * Rooms that are filled beforehand as far as the first window, and left: so that nothing of what is measured is
   * compilation, and no single collection of garbage makes the few joins of that window dear.
   */
  smallRooms: number;
  /** One in so many is a participant with a real transport and a DTLS handshake: a sample, since those are dear. */
  connectEach: number;
  /** In which use is taken, as numbers of joins, counting from 1; in their order, none within another. */
  windows: readonly Window[];
  /** How long everybody sits there in the end, to see what that costs. */
  idleMs: number;
  config?: Partial<Config>;
}

export interface Window {
  first: number;
  last: number;
}

/** What the server did in some time. */
export interface Cost {
  /** Seconds of CPU. */
  node: number;
  workers: number;
  /** Written to all sockets: heartbeats, answers, and what TCP carries besides them. */
  bytes: number;
  /** Messages that clients have received, heartbeats not counted. */
  messages: number;
}

export interface Ramp {
  /** Per join, of each window; of the first, the median over all rooms. */
  costs: Cost[];
  /** Per second, with all of them in the room and nothing happening. */
  idle: Cost;
  /** From the beginning of each connection to the answer to its join. */
  joinMs: number[];
  /** Share of the time in which the thread of the load was busy, and in which the server's was. */
  loadBusy: number;
  serverBusy: number;
}

/** After the last answer: the room's delta of that join has left by then. */
const settleMs = 200;

/**
 * Lets people into one room at a steady rate, and takes what the server uses while those of each window come in. Before
 * and after a window everybody who has begun to join is waited for, so that no other join is counted.
 */
export async function ramp(context: LoadContext, plan: RampPlan): Promise<Ramp> {
  const { joins, smallRooms, windows, idleMs, config } = plan;
  const server = await BenchServer.start({ config: { maxParticipants: joins, ...config } });
  const crowd = new Crowd(context, server, plan);
  try {
    const first: Cost[] = [];
    for (let room = 0; room < smallRooms; room += 1) first.push(...(await fillSmallRoom(context, server, plan, room)));
    await crowd.makeTokens('ramp', joins);
    const loop = performance.eventLoopUtilization();
    const startedAt = performance.now();
    const start = await usage(server, crowd);
    const [few, ...costs] = await fill(server, crowd, windows);
    if (few) first.push(few);
    await crowd.join(joins);
    const full = await usage(server, crowd);
    const { utilization: loadBusy } = performance.eventLoopUtilization(loop);
    const serverBusy = ((full.node - start.node) * 1000) / (performance.now() - startedAt);
    await pause(idleMs);
    const idle = share(full, await usage(server, crowd), idleMs / 1000);
    crowd.checkPresent();
    const { joinMs } = crowd;
    return { costs: [medianOf(first), ...costs], idle, joinMs, loadBusy, serverBusy };
  } finally {
    await crowd.close();
    await server.close();
  }
}

async function fillSmallRoom(context: LoadContext, server: BenchServer, plan: RampPlan, room: number): Promise<Cost[]> {
  const windows = plan.windows.slice(0, 1);
  const crowd = new Crowd(context, server, plan);
  try {
    await crowd.makeTokens(`small-${room}`, windows[0]?.last ?? 0);
    const costs = await fill(server, crowd, windows);
    crowd.checkPresent();
    return costs;
  } finally {
    await crowd.close();
  }
}

/** Until the end of the last window; gives what each took. */
async function fill(server: BenchServer, crowd: Crowd, windows: readonly Window[]): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const { first, last } of windows) {
    await crowd.join(first - 1);
    const before = await usage(server, crowd);
    await crowd.join(last);
    costs.push(share(before, await usage(server, crowd), last - first + 1));
  }
  return costs;
}

/** Those who join. */
class Crowd {
  readonly joinMs: number[] = [];
  readonly failures: string[] = [];
  readonly #context: LoadContext;
  readonly #server: BenchServer;
  readonly #connectEach: number;
  readonly #clients: LeanClient[] = [];
  readonly #participants: LoadParticipant[] = [];
  readonly #perSecond: number;
  #tokens: string[] = [];
  #begun = 0;

  constructor(context: LoadContext, server: BenchServer, { connectEach, perSecond }: RampPlan) {
    this.#context = context;
    this.#server = server;
    this.#connectEach = connectEach;
    this.#perSecond = perSecond;
  }

  get messages(): number {
    return this.#clients.reduce((sum, { messages }) => sum + messages, 0);
  }

  async makeTokens(room: string, count: number): Promise<void> {
    const tokens = Array.from({ length: count }, (_, index) => this.#server.token(room, `person-${index}`));
    this.#tokens = await Promise.all(tokens);
  }

  /** Until so many have joined; resolves when all have, or have failed. */
  async join(count: number): Promise<void> {
    const startedAt = performance.now();
    const from = this.#begun;
    this.#begun = count;
    const pending: Promise<void>[] = [];
    for (const [place, token] of this.#tokens.slice(from, count).entries()) {
      const waitMs = startedAt + (place * 1000) / this.#perSecond - performance.now();
      if (waitMs > 0) await pause(waitMs);
      pending.push(this.#enter(from + place, token).catch((error: unknown) => void this.failures.push(`${error}`)));
    }
    await Promise.all(pending);
    await pause(settleMs);
  }

  /** Whoever was thrown out would make the room smaller than it says. */
  checkPresent(): void {
    if (this.failures.length > 0) throw new Error(`the load could not be made: ${[...new Set(this.failures)]}`);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.#participants.map((participant) => participant.close()));
  }

  async #enter(index: number, token: string): Promise<void> {
    const { url } = this.#server;
    const lost = (reason: string) => void this.failures.push(reason);
    if (index % this.#connectEach === 0) {
      const participant = await LoadParticipant.join(this.#context, { url, token, roster: false });
      this.#participants.push(participant);
      participant.onEnded = lost;
      this.joinMs.push(participant.joinMs);
      return;
    }
    const startedAt = performance.now();
    const client = await LeanClient.connect(url, token);
    this.#clients.push(client);
    await client.join();
    client.onLost = lost;
    this.joinMs.push(performance.now() - startedAt);
  }
}

async function usage(server: BenchServer, crowd: Crowd): Promise<Cost> {
  const { nodeSeconds, socketBytes } = await server.use();
  const workers = server.workerPids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  return { node: nodeSeconds, workers, bytes: socketBytes, messages: crowd.messages };
}

function share(before: Cost, after: Cost, parts: number): Cost {
  return {
    node: (after.node - before.node) / parts,
    workers: (after.workers - before.workers) / parts,
    bytes: (after.bytes - before.bytes) / parts,
    messages: (after.messages - before.messages) / parts,
  };
}

function medianOf(costs: readonly Cost[]): Cost {
  const median = (of: (cost: Cost) => number) => percentile(costs.map(of), 0.5);
  return {
    node: median(({ node }) => node),
    workers: median(({ workers }) => workers),
    bytes: median(({ bytes }) => bytes),
    messages: median(({ messages }) => messages),
  };
}
