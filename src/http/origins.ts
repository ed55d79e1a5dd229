import type { FastifyInstance } from 'fastify';
import { isAllowedOrigin } from '../origins.ts';
import { PlenumError } from '../protocol/index.ts';
import { hostOf, type Trust } from '../proxies.ts';

const foreign = new PlenumError('forbidden', 'pages of other origins may not use this server');

/** What a page may read of an answer, besides its body and what every page may. */
const exposed = 'location, idempotency-replayed, retry-after';

const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key',
  // Seconds; Chromium keeps no answer for longer than two hours.
  'access-control-max-age': '600',
};

/**
 * Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol) are for the pages of listed origins; those of
 * others are refused before anything is done for them. All routes are treated alike: which of them an address means is
 * known only after it has been decoded. No credentials: tokens come in bodies and headers, never in cookies.
 */
export function serveOrigins(app: FastifyInstance, allowed: readonly string[], trust: Trust): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (!isAllowedOrigin(origin, hostOf(request.raw, trust), allowed)) throw foreign;
    if (origin === undefined || !allowed.includes(origin)) return;
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed });
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      await reply.status(204).headers(preflight).send();
    }
  });
}
