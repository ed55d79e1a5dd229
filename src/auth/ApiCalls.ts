import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import {
  type ApiOperationName,
  apiOperations,
  apiPrefix,
  idempotencyKey as idempotencyKeyShape,
  isWrite,
} from '../protocol/api.ts';
import type { ApiOperation } from '../protocol/apiOperation.ts';
import { PlenumError } from '../protocol/index.ts';
import { PlenumApiError } from './PlenumApiError.ts';

export interface PlenumApiOptions {
  /** Of the server, such as `https://meet.example.org`, or `https://example.org/meet/` where a proxy has it below a path. */
  url: string | URL;
  /** An API token, or what gives one that is still good: it is asked before each attempt. What it throws, the call rejects with. */
  token: string | (() => string | Promise<string>);
  /** How long each attempt may take, in milliseconds. Default: 10,000. */
  timeoutMs?: number;
  /** How often something is tried again that failed in the network, or for which the server has no time. Default: 4. */
  retries?: number;
}

export interface CallOptions {
  /** With the same key the same request is done once, also by another program. Default: one for each call. */
  idempotencyKey?: string;
  /** Gives up; what was sent may have been done. */
  signal?: AbortSignal;
}

type Declared<N extends ApiOperationName> = (typeof apiOperations)[N];

/** What a call says; defaults may be left out. */
export interface CallInput<N extends ApiOperationName> {
  params: z.input<Declared<N>['params']>;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: z.input<Declared<N>['body']>;
}

/** Whoever is to wait for longer is told so. Milliseconds. */
const longestWaitMs = 30_000;
const firstRetryMs = 250;

/** Requests to the API: each with its token and its idempotency key, and again where that may help. */
export class ApiCalls {
  readonly #base: URL;
  readonly #options: Required<Omit<PlenumApiOptions, 'url'>>;

  /** @throws PlenumError `bad-request` for another `url` */
  constructor({ url, token, timeoutMs = 10_000, retries = 4 }: PlenumApiOptions) {
    this.#base = baseOf(url);
    this.#options = { token, timeoutMs, retries };
  }

  /**
   * @throws PlenumApiError for what the server refuses, for a redirection, and for an answer that is none of a Plenum server;
   *   PlenumError `bad-request` for what is no name, id, key or token, `disconnected` where the server cannot be reached,
   *   `timeout` where it does not answer in time, `aborted` by the signal; whatever the function throws that gives the token
   */
  async call<N extends ApiOperationName>(
    name: N,
    { params, query = {}, body }: CallInput<N>,
    { idempotencyKey, signal }: CallOptions = {},
  ): Promise<z.output<Declared<N>['answer']>> {
    const operation: ApiOperation = apiOperations[name];
    const url = new URL(`.${apiPrefix}${pathOf(operation, params)}`, this.#base);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const headers: Record<string, string> = {
      accept: 'application/json, application/problem+json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // The same in each attempt: the first may have been done, though no answer came.
      ...(isWrite(name) && { 'idempotency-key': keyOf(idempotencyKey) }),
    };
    const request = { method: operation.method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const { status, text } = await this.#persist(url, request, signal);
    const given = text === '' ? { value: undefined } : parseJson(text);
    const parsed = given && operation.answer.safeParse(given.value);
    if (!parsed?.success) throw noAnswerOf(name, status);
    // Parsed by the schema of this very operation.
    return parsed.data as z.output<Declared<N>['answer']>;
  }

  async #persist(url: URL, request: RequestInit, signal: AbortSignal | undefined): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      // What goes wrong here is no matter of the network, and the application's own.
      const token = await this.#token();
      try {
        return await this.#once(url, withToken(request, token), signal);
      } catch (error) {
        const waitMs = signal?.aborted ? undefined : waitAfter(error, attempt);
        if (waitMs === undefined || attempt >= this.#options.retries) throw error;
        await sleep(waitMs, undefined, signal && { signal }).catch(() => {
          throw aborted();
        });
      }
    }
  }

  /** @throws PlenumError `bad-request` for what is no token; whatever the application's function throws */
  async #token(): Promise<string> {
    const { token } = this.#options;
    const given: unknown = typeof token === 'string' ? token : await token();
    // Anything else fetch() would refuse in words that have it in them.
    if (typeof given === 'string' && /^[\w.~+/=-]+$/.test(given)) return given;
    throw new PlenumError('bad-request', 'what was given as API token is none: createApiToken() makes them');
  }

  async #once(url: URL, request: RequestInit, signal: AbortSignal | undefined): Promise<Answer> {
    const { timeoutMs } = this.#options;
    const patience = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        ...request,
        // It would take the token along.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      const { status, headers } = response;
      const text = await response.text();
      if (response.ok) return { status, text };
      if (status < 400) throw redirected(status, headers.get('location'), url);
      throw PlenumApiError.of(status, headers.get('retry-after'), text);
    } catch (error) {
      if (error instanceof PlenumApiError) throw error;
      if (signal?.aborted) throw aborted();
      if (patience.aborted) throw new PlenumError('timeout', `no answer within ${timeoutMs} ms`, { cause: error });
      throw new PlenumError('disconnected', 'the server cannot be reached', { cause: error });
    }
  }
}

interface Answer {
  status: number;
  text: string;
}

function withToken(request: RequestInit, token: string): RequestInit {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** What addresses are relative to: with a slash at its end, and without what would be sent along with each. */
function baseOf(url: string | URL): URL {
  const base = URL.parse(String(url));
  if (!base || !/^https?:$/.test(base.protocol) || base.username + base.password + base.search + base.hash !== '') {
    throw new PlenumError(
      'bad-request',
      'url is an address like https://meet.example.org, without user, password, ? and #',
    );
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** @throws PlenumError `bad-request` */
function keyOf(given: string = randomUUID()): string {
  if (idempotencyKeyShape.safeParse(given).success) return given;
  throw new PlenumError('bad-request', 'idempotencyKey has 1 to 255 visible ASCII characters');
}

/** Undefined where it is no JSON, such as the page of a proxy. */
function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Milliseconds until another attempt may help; undefined: none would. */
function waitAfter(error: unknown, attempt: number): number | undefined {
  // Not all at the same time.
  const backoffMs = firstRetryMs * 2 ** attempt * (0.5 + Math.random());
  if (!(error instanceof PlenumApiError)) return backoffMs;
  const { status, code, retryAfterMs } = error;
  const passing = status === 429 || status === 502 || status === 503 || code === 'idempotency-in-progress';
  if (!passing) return undefined;
  if (retryAfterMs === undefined) return backoffMs;
  return retryAfterMs <= longestWaitMs ? retryAfterMs : undefined;
}

/**
 * Only of what the server would take: `..` for an id would be resolved, and lead to the room as a whole.
 * @throws PlenumError `bad-request`
 */
function pathOf({ path, params }: ApiOperation, given: Readonly<Record<string, unknown>>): string {
  const { data, error } = params.safeParse(given);
  if (!data) throw new PlenumError('bad-request', error.issues.map(({ message }) => message).join('; '));
  return path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(data[name])));
}

/** Of something before the server, such as a page to sign in, or of a server of another version. */
function noAnswerOf(name: ApiOperationName, status: number): PlenumApiError {
  const message = `the answer to ${name} (status ${status}) is none that this version of plenum/server knows`;
  return new PlenumApiError('internal', message, { status, problem: undefined, retryAfterMs: undefined });
}

function redirected(status: number, location: string | null, from: URL): PlenumApiError {
  const to = URL.parse(location ?? '', from.href);
  const where = to ? `${to.origin}${to.pathname}` : 'nowhere';
  const message = `the server redirects to ${where}, which is not followed: give the right address as url`;
  return new PlenumApiError('bad-request', message, { status, problem: undefined, retryAfterMs: undefined });
}

function aborted(): PlenumError {
  return new PlenumError('aborted', 'the call was given up; it may have been done all the same');
}
