import type { IncomingMessage, RequestListener } from 'node:http';
import { constantRefusal } from './constantRefusal.ts';
import { told } from './problems.ts';
import { isMinting } from './tokens.ts';

/** What is counted by itself: whoever has looked at many pages may still come in. */
export type RequestKind = 'page' | 'token';

/** Milliseconds that a request has to wait which is one too many; 0: it may go on. It is counted then. */
export type TakeRequest = (request: IncomingMessage, kind: RequestKind) => number;

/** One word for whoever watches the server, which must not look dead because of others behind the same address. */
const uncounted: readonly (string | undefined)[] = ['/health', '/ready'];

function isUncounted({ method, url }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && uncounted.includes(url);
}

const tooMany = constantRefusal(told('rate-limited', 'too many requests in too short a time'));

/** Requests beyond what one address may ask get a constant answer, before anything looks at them. */
export function limited(take: TakeRequest, answer: RequestListener): RequestListener {
  return (request, response) => {
    const waitMs = isUncounted(request) ? 0 : take(request, isMinting(request) ? 'token' : 'page');
    // RFC 9110, 10.2.3: whole seconds.
    if (waitMs > 0) tooMany(request, response, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
    else answer(request, response);
  };
}
