import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { mintingPath } from './tokens.ts';

/** Milliseconds that a request has to wait which is one too many; 0: it may go on. It is counted then. */
export type TakeRequest = (request: IncomingMessage, weight: number) => number;

/** A token is signed for whoever asks; everything else is a file, a word, or asks who it is that asks. */
const mintingWeight = 10;

const body = '{"error":{"code":"rate-limited","message":"too many requests in too short a time"}}';
const head = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': String(Buffer.byteLength(body)),
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Requests beyond what one address may ask get a constant answer, before anything looks at them. */
export function limited(take: TakeRequest, answer: RequestListener): RequestListener {
  return (request, response) => {
    const waitMs = take(request, request.url?.startsWith(mintingPath) ? mintingWeight : 1);
    if (waitMs > 0) refuse(response, waitMs);
    else answer(request, response);
  };
}

function refuse(response: ServerResponse, waitMs: number): void {
  // RFC 9110, 10.2.3: whole seconds.
  response.writeHead(429, { ...head, 'retry-after': String(Math.ceil(waitMs / 1000)) });
  response.end(body);
}
