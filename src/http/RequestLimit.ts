import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isApi, plain, problemType, told } from './problems.ts';
import { isMinting } from './tokens.ts';

/** What is counted by itself: whoever has looked at many pages may still come in. */
export type RequestKind = 'page' | 'token';

/** Milliseconds that a request has to wait which is one too many; 0: it may go on. It is counted then. */
export type TakeRequest = (request: IncomingMessage, kind: RequestKind) => number;

/** One word for whoever watches the server, which must not look dead because of others behind the same address. */
const uncounted: readonly (string | undefined)[] = ['/health', '/ready'];

const tooMany = told('rate-limited', 'too many requests in too short a time');
const bodies = {
  page: { type: 'application/json; charset=utf-8', text: JSON.stringify(plain(tooMany)) },
  api: { type: problemType, text: JSON.stringify(tooMany) },
};

/** Requests beyond what one address may ask get a constant answer, before anything looks at them. */
export function limited(take: TakeRequest, answer: RequestListener): RequestListener {
  return (request, response) => {
    const waitMs = uncounted.includes(request.url) ? 0 : take(request, isMinting(request) ? 'token' : 'page');
    if (waitMs > 0) refuse(request, response, waitMs);
    else answer(request, response);
  };
}

function refuse({ url = '' }: IncomingMessage, response: ServerResponse, waitMs: number): void {
  const { type, text } = isApi(url) ? bodies.api : bodies.page;
  response.writeHead(tooMany.status, {
    'content-type': type,
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // RFC 9110, 10.2.3: whole seconds.
    'retry-after': String(Math.ceil(waitMs / 1000)),
  });
  response.end(text);
}
