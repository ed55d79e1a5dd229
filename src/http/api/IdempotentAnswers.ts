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
  /** How many answers of one application are kept, and how many bytes of them. */
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

interface Asked {
  fingerprint: string;
  /** Undefined while the request is being worked on. */
  answer: HttpAnswer | undefined;
}

interface Kept extends Asked {
  answer: HttpAnswer;
  until: number;
}

/** Of an entry, besides the answer's body. */
const entryBytes = 512;

/**
 * Answers to requests that came with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): asked again in
 * the same way, the same answer is given again, and nothing is done twice. Of each application the oldest answers are
 * forgotten when there are too many; what is still being worked on is not.
 */
export class IdempotentAnswers {
  readonly #options: Required<IdempotentOptions>;
  /** By application; one that has none is not there. */
  readonly #shelves = new Map<string, Shelf>();
  readonly #working = new Map<string, Asked>();

  constructor({ now, most = 20_000, mostBytes = 16 * 1024 * 1024, keepMs = 24 * 3_600_000 }: IdempotentOptions) {
    this.#options = { now, most, mostBytes, keepMs };
  }

  /** How many answers are kept. */
  get size(): number {
    return [...this.#shelves.values()].reduce((sum, { size }) => sum + size, 0);
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
    const asked = this.#working.get(name) ?? this.#shelves.get(scope)?.get(name);
    if (asked) return { answer: answerOf(asked, fingerprint), replayed: true };
    this.#working.set(name, { fingerprint, answer: undefined });
    try {
      const answer = await work();
      if (!isPassing(answer)) this.#shelf(scope).add(name, { fingerprint, answer, until: this.#until() });
      return { answer, replayed: false };
    } finally {
      this.#working.delete(name);
    }
  }

  #until(): number {
    return this.#options.now() + this.#options.keepMs;
  }

  #shelf(scope: string): Shelf {
    const shelf = this.#shelves.get(scope) ?? new Shelf(this.#options);
    this.#shelves.set(scope, shelf);
    return shelf;
  }

  #forgetOld(): void {
    const now = this.#options.now();
    for (const [scope, shelf] of this.#shelves) {
      shelf.forgetUntil(now);
      if (shelf.size === 0) this.#shelves.delete(scope);
    }
  }
}

/** What is kept of one application, oldest first. */
class Shelf {
  readonly #bounds: { most: number; mostBytes: number };
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(bounds: { most: number; mostBytes: number }) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(name: string): Kept | undefined {
    return this.#kept.get(name);
  }

  add(name: string, entry: Kept): void {
    this.#kept.set(name, entry);
    this.#bytes += sizeOf(entry);
    const { most, mostBytes } = this.#bounds;
    for (const [oldest, each] of this.#kept) {
      if (this.#kept.size <= most && this.#bytes <= mostBytes) return;
      this.#delete(oldest, each);
    }
  }

  /** All are kept for the same time. */
  forgetUntil(now: number): void {
    for (const [name, entry] of this.#kept) {
      if (entry.until > now) return;
      this.#delete(name, entry);
    }
  }

  #delete(name: string, entry: Kept): void {
    this.#kept.delete(name);
    this.#bytes -= sizeOf(entry);
  }
}

function answerOf({ answer, fingerprint }: Asked, wanted: string): HttpAnswer {
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
  return entryBytes + 2 * (answer.body?.length ?? 0);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
