import { createHash } from 'node:crypto';
import { type ErrorCode, PlenumError } from '../../protocol/index.ts';

/** An answer as it goes out. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** What went wrong, if anything did. */
  readonly code?: ErrorCode;
}

export interface IdempotentOptions {
  /** Milliseconds; in even steps. */
  now: () => number;
  /** How many answers are kept, and how many bytes of them. */
  most?: number;
  mostBytes?: number;
  /** For how long each is kept, in milliseconds. */
  keepMs?: number;
}

/** What was asked with a key. */
export interface KeyedRequest {
  /** Whose keys these are. */
  scope: string;
  key: string;
  /** All that the request says. */
  content: string;
}

interface Kept {
  fingerprint: string;
  until: number;
  /** Undefined while the request is being worked on. */
  answer: HttpAnswer | undefined;
}

/** Of an entry, besides the answer's body. */
const entryBytes = 512;

/**
 * Answers to requests that came with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): asked again in
 * the same way, the same answer is given again, and nothing is done twice. The oldest are forgotten when there are too many.
 */
export class IdempotentAnswers {
  readonly #options: Required<IdempotentOptions>;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor({ now, most = 20_000, mostBytes = 32 * 1024 * 1024, keepMs = 24 * 3_600_000 }: IdempotentOptions) {
    this.#options = { now, most, mostBytes, keepMs };
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * @param work is done where the key is new. An answer that says to try again later, or with another token, is not kept.
   * @throws PlenumError `idempotency-mismatch` where the key was used for another request, `idempotency-in-progress` where
   *   this one is still being worked on
   */
  async once(
    { scope, key, content }: KeyedRequest,
    work: () => Promise<HttpAnswer>,
  ): Promise<{ answer: HttpAnswer; replayed: boolean }> {
    this.#forgetOld();
    const name = hash(`${scope}\n${key}`);
    const fingerprint = hash(content);
    const kept = this.#kept.get(name);
    if (kept) return { answer: answerOf(kept, fingerprint), replayed: true };
    const entry: Kept = { fingerprint, until: this.#options.now() + this.#options.keepMs, answer: undefined };
    this.#add(name, entry);
    let answer: HttpAnswer | undefined;
    try {
      answer = await work();
      return { answer, replayed: false };
    } finally {
      // It may have been forgotten meanwhile, since there were too many.
      if (this.#kept.get(name) === entry) this.#settle(name, entry, answer);
    }
  }

  #settle(name: string, entry: Kept, answer: HttpAnswer | undefined): void {
    this.#delete(name, entry);
    if (!answer || isPassing(answer)) return;
    this.#add(name, { ...entry, answer });
  }

  #add(name: string, entry: Kept): void {
    this.#kept.set(name, entry);
    this.#bytes += sizeOf(entry);
    const { most, mostBytes } = this.#options;
    for (const [oldest, each] of this.#kept) {
      if (this.#kept.size <= most && this.#bytes <= mostBytes) return;
      this.#delete(oldest, each);
    }
  }

  #delete(name: string, entry: Kept): void {
    this.#kept.delete(name);
    this.#bytes -= sizeOf(entry);
  }

  /** All are kept for the same time, from when they came or a moment later. */
  #forgetOld(): void {
    const now = this.#options.now();
    for (const [name, entry] of this.#kept) {
      if (entry.until > now) return;
      this.#delete(name, entry);
    }
  }
}

function answerOf({ answer, fingerprint }: Kept, wanted: string): HttpAnswer {
  if (fingerprint !== wanted) {
    throw new PlenumError('idempotency-mismatch', 'this idempotency key was used before with another request');
  }
  if (answer) return answer;
  throw new PlenumError('idempotency-in-progress', 'the first request with this key is still being worked on', {
    retryAfterMs: 1000,
  });
}

/** Whether another attempt may go differently: later, or with another token of the same application. */
function isPassing({ status }: HttpAnswer): boolean {
  return status >= 500 || status === 429 || status === 401 || status === 403;
}

function sizeOf({ answer }: Kept): number {
  return entryBytes + 2 * (answer?.body?.length ?? 0);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
