import { maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../protocol/problems.ts';
import { kibOf, problemType, told } from './problems.ts';

const unreadable: Problem = told('bad-request', 'what came is no HTTP request that can be read');

/** By Node's own code. */
const problems: Partial<Record<string, Problem>> = {
  // RFC 9110, 15.5.9 and 15.5.14; RFC 6585, 5.
  ERR_HTTP_REQUEST_TIMEOUT: { ...told('timeout', 'the request did not come to its end in time'), status: 408 },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: told('message-too-large', 'the extensions of a chunk are too long'),
  HPE_HEADER_OVERFLOW: {
    ...told('message-too-large', `the address and the headers are larger than ${kibOf(maxHeaderSize)} together`),
    status: 431,
  },
};

/**
 * What cannot be read as a request, or does not come to its end, is answered with problem details (RFC 9457), the same for
 * everybody, and its connection is closed: by itself Node says no more than a status. Requests that engine.io keeps from
 * all listeners that were there before it count as well where this is called after it was attached.
 */
export function answerClientErrors(server: Server): void {
  /** Of each connection, the answers that are not out. */
  const pending = new WeakMap<Duplex, Set<ServerResponse>>();
  server.prependListener('request', ({ socket }, response) => {
    const responses = pending.get(socket) ?? new Set();
    pending.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  });
  server.on('clientError', (error, socket) => {
    const problem = problemOf(error);
    if (problem && socket.writable && isUnanswered(pending.get(socket))) {
      socket.end(messageOf(problem), () => socket.destroy());
    } else socket.destroy();
  });
}

/** Undefined for what goes wrong with a connection as such: nobody hears an answer there. */
function problemOf(error: Error): Problem | undefined {
  const code = 'code' in error ? String(error.code) : '';
  return problems[code] ?? (code.startsWith('HPE_') ? unreadable : undefined);
}

/**
 * Whether an answer would be taken for one to what cannot be read: nothing was asked before that has none yet, or only the
 * request that broke off in the middle, of whose answer nothing was written.
 */
function isUnanswered(pending: ReadonlySet<ServerResponse> = new Set()): boolean {
  const [first] = pending;
  return !first || (pending.size === 1 && !first.req.complete && !first.headersSent);
}

/** RFC 9112, 2.1. */
function messageOf(problem: Problem): string {
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    '',
    body,
  ].join('\r\n');
}
