import type { FastifyInstance } from 'fastify';

/** What lives on the workers, and what they do; counts since the worker was started. */
export interface Load {
  participants: number;
  /** Share of a core, averaged over the last seconds. */
  cpu: number;
  cpuSeconds: number;
  routers: number;
  transports: number;
  producers: number;
  consumers: number;
  /** Ends of links to other workers. */
  links: number;
  /** Publications that come from another worker. */
  pipesIn: number;
  /** Publications that go to another worker. */
  pipesOut: number;
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

export interface WorkerHealth extends Load {
  index: number;
  pid: number;
  /** It has not answered for seconds. */
  stalled: boolean;
}

export interface Health {
  version: string;
  workers: { running: number; size: number; total: Load; each: WorkerHealth[] };
  rooms: number;
  participants: number;
  /** Connected clients, joined or not. */
  sockets: number;
  /** How many there may be, by the limit of open files; Infinity: no limit is known. */
  maxSockets: number;
  /** Whether somebody new could join right now. */
  ready: boolean;
  /** The server is about to stop: the meetings that there are go on for a while. */
  draining: boolean;
  webhooks: WebhookFigures;
  /** Whether the file of token keys cannot be used as it is now, and those of before hold. */
  tokenKeysStale: boolean;
}

/** Of all targets together; an event to two targets counts twice. */
export interface WebhookFigures {
  /** Events that wait or are being sent, and the bytes of their bodies. */
  pending: number;
  pendingBytes: number;
  delivered: number;
  /** Attempts that failed. */
  failures: number;
  /** Events that were given up. */
  lost: number;
}

export type HealthSource = () => Health;

const statusOf = ({ draining, ready }: Health) => (draining ? 'draining' : ready ? 'ready' : 'not-ready');

/**
 * For everybody: `GET /health`, the process lives; `GET /ready`, it takes new people, 503 while it does not. A stranger
 * learns no more than that: neither how many people meet here, nor what the server is made of.
 */
export function serveStatus(app: FastifyInstance, health: HealthSource): void {
  app.get('/health', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok' };
  });
  app.get('/ready', async (_request, reply) => {
    const now = health();
    reply.header('cache-control', 'no-store');
    return reply.status(now.ready ? 200 : 503).send({ status: statusOf(now) });
  });
}

/** For operators: the same two with all that is known. */
export function serveHealth(app: FastifyInstance, health: HealthSource): void {
  app.get('/health', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const { ready: _ready, workers, ...rest } = health();
    const { running, size, total, each } = workers;
    return { status: 'ok', ...rest, workers: { running, size, total: rounded(total), each: each.map(rounded) } };
  });
  app.get('/ready', async (_request, reply) => {
    const now = health();
    const { ready, version, rooms, participants } = now;
    reply.header('cache-control', 'no-store');
    const { running, size } = now.workers;
    const told = { status: statusOf(now), version, workers: { running, size }, rooms, participants };
    return reply.status(ready ? 200 : 503).send(told);
  });
}

function rounded<T extends Load>(load: T): T {
  const round = (value: number) => Math.round(value * 1000) / 1000;
  return { ...load, cpu: round(load.cpu), cpuSeconds: round(load.cpuSeconds) };
}
