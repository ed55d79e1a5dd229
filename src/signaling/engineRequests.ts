import { type IncomingMessage, ServerResponse } from 'node:http';
import { oneByOne } from '../oneByOne.ts';
import { isAllowedOrigin } from '../origins.ts';
import { addressOf, hostOf, type Trust } from '../proxies.ts';
import { mostPacketBytes } from './engineOptions.ts';
import type { Limits } from './Limits.ts';

export interface EngineRequestsOptions {
  limits: Pick<Limits, 'poll'>;
  /** Origins of other sites' pages that may ask, as `parseOrigin` writes them. */
  allowedOrigins: readonly string[];
  trust: Trust;
  maxMessageBytes: number;
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** As engine.io itself refuses; the same for everybody. */
interface Refusal {
  status: number;
  text: string;
}

const refusal = (status: number, code: number, message: string): Refusal => ({
  status,
  text: JSON.stringify({ code, message }),
});

const badRequest = 3;
const forbidden = 4;
const refusals = {
  origin: refusal(403, forbidden, 'Origin not allowed'),
  method: refusal(405, badRequest, 'Bad request'),
  script: refusal(400, badRequest, 'Bad request'),
  size: refusal(413, badRequest, 'Request too large'),
  rate: refusal(429, forbidden, 'Too many requests'),
};

/** engine.io writes what it answers itself; none of it is to be shown or run. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'x-content-type-options': 'nosniff',
};

const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'content-type',
  // Seconds; Chromium keeps no answer for longer than two hours.
  'access-control-max-age': '600',
};

/**
 * What comes before engine.io sees a request. Polling is for those whose network lets no WebSocket through: its requests
 * count by address, since nobody asks them who they are, and their bodies have an end. It stays polling: a change to a
 * WebSocket would be one that nothing has judged. Handshakes over a WebSocket are left to `Entrance`.
 */
export function engineRequests(options: EngineRequestsOptions): Middleware {
  return (request, response, next) => {
    const query = new URL(request.url ?? '', 'http://engine').searchParams;
    // For an upgrade engine.io gives something else, which only closes the connection.
    if (!(response instanceof ServerResponse)) {
      if (query.has('sid')) request.socket.destroy();
      else next();
      return;
    }
    oneByOne(request, response, () => {
      if (passes(request, response, query, options)) next();
    });
  };
}

/** Whether engine.io is to see it; what is refused, or asked beforehand, has its answer already. */
function passes(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { limits, allowedOrigins, trust, maxMessageBytes }: EngineRequestsOptions,
): boolean {
  if (!endsSoon(request, mostPacketBytes(maxMessageBytes))) {
    response.setHeader('connection', 'close');
    // Whoever has its answer already, and sends on, is not listened to.
    response.once('finish', () => {
      if (!request.complete) request.socket.destroySoon();
    });
  }
  const waitMs = limits.poll(addressOf(request, trust));
  if (waitMs > 0) {
    // RFC 9110, 10.2.3: whole seconds.
    refuse(response, refusals.rate, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
    return false;
  }
  const { origin } = request.headers;
  response.setHeaders(new Map(Object.entries({ ...headers, vary: 'origin' })));
  if (!isAllowedOrigin(origin, hostOf(request, trust), allowedOrigins)) {
    refuse(response, refusals.origin);
    return false;
  }
  if (origin !== undefined && allowedOrigins.includes(origin)) {
    response.setHeader('access-control-allow-origin', origin);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, preflight).end();
      return false;
    }
  }
  const refused = refusalOf(request, query, mostPacketBytes(maxMessageBytes));
  if (refused) refuse(response, refused);
  return !refused;
}

/** What is left of such a request is read and dropped, so that the next one can come over the same connection. */
function endsSoon({ headers: sent }: IncomingMessage, maxBytes: number): boolean {
  return sent['transfer-encoding'] === undefined && Number(sent['content-length'] ?? 0) <= maxBytes;
}

function refusalOf({ method, headers: sent }: IncomingMessage, query: URLSearchParams, maxBytes: number) {
  if (method !== 'GET' && method !== 'POST') return refusals.method;
  // Scripts of any page may ask, without saying where they come from (JSONP).
  if (query.has('j')) return refusals.script;
  return Number(sent['content-length'] ?? 0) > maxBytes ? refusals.size : undefined;
}

function refuse(response: ServerResponse, { status, text }: Refusal, more: Record<string, string> = {}): void {
  const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...headers, ...length, ...more }).end(text);
}
