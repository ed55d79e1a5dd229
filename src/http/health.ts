import type { FastifyInstance } from 'fastify';

export interface Health {
  version: string;
  workers: { running: number; size: number };
  rooms: number;
  participants: number;
  /** Whether somebody new could join right now. */
  ready: boolean;
}

export type HealthSource = () => Health;

/** `GET /health`: the process lives. `GET /ready`: it takes new people; 503 while it does not. */
export function serveHealth(app: FastifyInstance, health: HealthSource): void {
  const answer = (status: string, { version, workers, rooms, participants }: Health) => ({
    status,
    version,
    workers,
    rooms,
    participants,
  });
  app.get('/health', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return answer('ok', health());
  });
  app.get('/ready', async (_request, reply) => {
    const now = health();
    reply.header('cache-control', 'no-store');
    return reply.status(now.ready ? 200 : 503).send(answer(now.ready ? 'ready' : 'not-ready', now));
  });
}
