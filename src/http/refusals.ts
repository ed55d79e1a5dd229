import fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';

const statusOf: Partial<Record<string, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'message-too-large': 413,
  'rate-limited': 429,
  draining: 503,
  'server-full': 503,
  'server-busy': 503,
};

/** What Fastify refuses by itself, by status: whoever sent it learns nothing of how it was read, nor reads its own words. */
const refusedByStatus: Partial<Record<number, { code: string; message: string }>> = {
  413: { code: 'message-too-large', message: 'the body is larger than the server takes' },
  415: { code: 'bad-request', message: 'the server takes application/json only' },
};
const unreadable = { code: 'bad-request', message: 'the request cannot be read' };
const failed = { code: 'internal', message: 'the server failed; its log says why' };

/** @throws in a route: the usual answer to an address at which there is nothing */
export const nothingHere = new PlenumError('not-found', 'there is no such page');

/** An instance whose refusals are all of one shape: `{ error: { code, message } }`. */
export function createInstance(log: Logger, options: Pick<FastifyServerOptions, 'trustProxy'> = {}): FastifyInstance {
  const refuse = (error: unknown, _request: unknown, reply: FastifyReply) => {
    const { status, ...told } = httpError(error, log);
    // RFC 9110, 10.2.3: whole seconds.
    if (told.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(told.retryAfterMs / 1000));
    void reply.status(status).send({ error: told });
  };
  const app = fastify({
    ...options,
    loggerInstance: undefined,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 200 },
    // An address that cannot be decoded does not come as far as the error handler.
    frameworkErrors: refuse,
  });
  app.setErrorHandler(refuse);
  return app;
}

interface Told {
  status: number;
  code: string;
  message: string;
  retryAfterMs?: number;
}

function httpError(error: unknown, log: Logger): Told {
  if (error instanceof PlenumError) {
    const { code, message, retryAfterMs } = error;
    return { status: statusOf[code] ?? 500, code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return { status, ...(refusedByStatus[status] ?? unreadable) };
  log.error({ err: error }, 'an HTTP request failed');
  return { status: 500, ...failed };
}
