import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../protocol/problems.ts';
import { isApi, plain, problemType } from './problems.ts';

/** Answers the same to everybody, before anything has looked at the request: which address was meant is all that counts. */
export function constantRefusal(
  problem: Problem,
): (request: IncomingMessage, response: ServerResponse, headers?: Record<string, string>) => void {
  const page = { type: 'application/json; charset=utf-8', text: JSON.stringify(plain(problem)) };
  const api = { type: problemType, text: JSON.stringify(problem) };
  return ({ url = '' }, response, headers) => {
    const { type, text } = isApi(url) ? api : page;
    response.writeHead(problem.status, {
      'content-type': type,
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    });
    response.end(text);
  };
}
