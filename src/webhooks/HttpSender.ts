import { promises as dns, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { webhookHeaders } from '../auth/webhookSignature.ts';
import type { Clock } from '../room/ports.ts';
import { type AddressPolicy, hostOf } from './addresses.ts';
import type { Attempt, Delivery } from './TargetQueue.ts';

/** Of an answer's body, which says nothing that is needed. */
const longestAnswer = 16 * 1024;

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** As everything on this machine does it, /etc/hosts included. libuv keeps half of its threads free of slow look-ups. */
export const systemResolve: Resolve = (host) => dns.lookup(host, { all: true });

export interface HttpSenderOptions {
  url: URL;
  secrets: readonly string[];
  policy: AddressPolicy;
  userAgent: string;
  clock: Clock;
  resolve?: Resolve;
}

/**
 * Sends events to one URL. For each attempt the host is resolved once, all its addresses are checked, and the connection,
 * a new one, is made to one of these: a name that has another address a moment later leads nowhere else. Redirects are
 * not followed.
 */
export class HttpSender {
  readonly #options: HttpSenderOptions;

  constructor(options: HttpSenderOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async send({ id, body }: Delivery, signal: AbortSignal): Promise<Attempt> {
    const { url, secrets, policy, userAgent, clock, resolve = systemResolve } = this.#options;
    try {
      const addresses = await unlessAborted(signal, resolve(hostOf(url)));
      policy.check(
        url,
        addresses.map(({ address }) => address),
      );
      const bytes = Buffer.from(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': userAgent,
        ...webhookHeaders(secrets, { id, timestamp: Math.floor(clock.date() / 1000), body: bytes }),
      };
      return judge(await post({ url, addresses, headers, body: bytes, signal }));
    } catch (error) {
      return { is: 'failed', why: reasonOf(error) };
    }
  }
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
}

function judge({ status, retryAfter }: Answer): Attempt {
  if (status >= 200 && status < 300) return { is: 'delivered' };
  if (status === 410) return { is: 'gone' };
  const askedMs = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : undefined;
  return { is: 'failed', why: `it answered with status ${status}`, askedMs };
}

interface Post {
  url: URL;
  addresses: readonly LookupAddress[];
  headers: Record<string, string | number>;
  body: Buffer;
  signal: AbortSignal;
}

/** Resolves once the answer is read, or as much of it as is read of any; its status counts as soon as it is there. */
function post({ url, addresses, headers, body, signal }: Post): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let answered = false;
    const onAnswer = (answer: IncomingMessage) => {
      answered = true;
      let read = 0;
      answer.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > longestAnswer) answer.destroy();
      });
      const finish = () => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
      // An answer that breaks off has said its status.
      answer.on('error', finish);
      answer.on('close', finish);
    };
    // Without an agent: a connection that is kept could lead to an address which is no longer that of the host.
    const options = { method: 'POST', headers, agent: false, signal, lookup: pinnedTo(addresses) };
    const outgoing = request(url, options, onAnswer);
    const fail = (error: Error) => {
      if (!answered) reject(error);
    };
    outgoing.on('error', fail);
    outgoing.on('close', () => fail(new Error('it closed the connection without an answer')));
    outgoing.end(body);
  });
}

/** Instead of a look-up: what has been looked up and checked. The name stays what TLS asks for. */
function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else if (first) callback(null, first.address, first.family);
  };
}

/** A look-up cannot be called off; what comes of it later is of no use. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node says of a request that was called off only that it was; the cause says why.
  if (error.name === 'AbortError' && error.cause instanceof Error) return error.cause.message;
  const code = 'code' in error ? String(error.code) : undefined;
  return error.message || code || error.name;
}
