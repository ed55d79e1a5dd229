import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { type ApiOperationName, apiOperations, apiPrefix, isWrite } from '../protocol/api.ts';
import type { ApiOperation } from '../protocol/apiOperation.ts';
import { PlenumError } from '../protocol/index.ts';
import { PlenumApiError } from './PlenumApiError.ts';

export interface PlenumApiOptions {
  /** Of the server, such as `https://meet.example.org`. */
  url: string | URL;
  /** An API token, or what gives one that is still good: it is asked before each attempt. */
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
  readonly #options: Required<PlenumApiOptions>;

  constructor({ url, token, timeoutMs = 10_000, retries = 4 }: PlenumApiOptions) {
    this.#options = { url, token, timeoutMs, retries };
  }

  /**
   * @throws PlenumApiError for what the server refuses; PlenumError `bad-request` for what is no name or id, `disconnected`
   *   where the server cannot be reached, `timeout` where it does not answer in time, `aborted` by the signal
   */
  async call<N extends ApiOperationName>(
    name: N,
    { params, query = {}, body }: CallInput<N>,
    { idempotencyKey, signal }: CallOptions = {},
  ): Promise<z.output<Declared<N>['answer']>> {
    const operation: ApiOperation = apiOperations[name];
    const url = new URL(`${apiPrefix}${pathOf(operation, params)}`, this.#options.url);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const headers: Record<string, string> = {
      accept: 'application/json, application/problem+json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // The same in each attempt: the first may have been done, though no answer came.
      ...(isWrite(name) && { 'idempotency-key': idempotencyKey ?? randomUUID() }),
    };
    const request = { method: operation.method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const text = await this.#persist(url, request, signal);
    const parsed = operation.answer.safeParse(text === '' ? undefined : JSON.parse(text));
    if (!parsed.success)
      throw new PlenumError('internal', `the server's answer to ${name} is none that this version knows`);
    // Parsed by the schema of this very operation.
    return parsed.data as z.output<Declared<N>['answer']>;
  }

  async #persist(url: URL, request: RequestInit, signal: AbortSignal | undefined): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(url, request, signal);
      } catch (error) {
        const waitMs = signal?.aborted ? undefined : waitAfter(error, attempt);
        if (waitMs === undefined || attempt >= this.#options.retries) throw error;
        await sleep(waitMs, undefined, signal && { signal }).catch(() => {
          throw aborted();
        });
      }
    }
  }

  async #once(url: URL, request: RequestInit, signal: AbortSignal | undefined): Promise<string> {
    const { token, timeoutMs } = this.#options;
    const given = typeof token === 'string' ? token : await token();
    const patience = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${given}` },
        // It would take the token along.
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      const text = await response.text();
      if (response.ok) return text;
      throw PlenumApiError.of(response.status, response.headers.get('retry-after'), text);
    } catch (error) {
      if (error instanceof PlenumApiError) throw error;
      if (signal?.aborted) throw aborted();
      if (patience.aborted) throw new PlenumError('timeout', `no answer within ${timeoutMs} ms`, { cause: error });
      throw new PlenumError('disconnected', 'the server cannot be reached', { cause: error });
    }
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

function aborted(): PlenumError {
  return new PlenumError('aborted', 'the call was given up; it may have been done all the same');
}
