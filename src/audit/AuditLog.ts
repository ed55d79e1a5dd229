import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { addressKey } from '../addressKey.ts';
import type { Logger } from '../log.ts';
import { type ErrorCode, PlenumError } from '../protocol/index.ts';
import { BucketPool } from '../room/BucketPool.ts';
import type { Clock } from '../room/ports.ts';
import { TokenBucket } from '../room/TokenBucket.ts';
import { openDestination, type Written } from './destination.ts';

/** Who has asked for something: somebody in a room, the application by an API token (its `sub`), or nobody: Plenum itself. */
export type AuditActor =
  | { kind: 'participant'; identity: string; participantId?: string | undefined }
  | { kind: 'application'; name: string }
  | { kind: 'server' };

export interface AuditEntry {
  actor: AuditActor;
  /** Where the request came from, as `clientAddress` gives it. */
  address?: string | undefined;
  /** For example `remove`, or the name of an operation of the API, as `updateRoom`. */
  action: string;
  /** What was asked for: no chat texts, no data, no secrets. */
  params?: object | undefined;
  room?: string | undefined;
  /** The identity of whom it concerns. */
  target?: string | undefined;
  outcome: 'done' | ErrorCode;
}

/** Where moderation and the API say what was done, and what was refused. */
export interface Audit {
  /** Never throws and never waits. */
  record(entry: AuditEntry): void;
}

export interface AuditLogOptions {
  /** A file, to which lines are appended, or `-` for standard output. */
  target: string;
  clock: Clock;
  log: Logger;
}

/**
 * Lines of what was refused. They come from people who may not do what they ask for, in any number: with a line of some 300
 * bytes these are 26 MB a day at most. What was done is always written.
 */
const refusals = { perSecond: 1, burst: 200 };
/** From one address, so that nobody uses up what is there for the attempts of others. */
const refusalsOfOne = { perSecond: 0.1, burst: 20 };

/** Parameters of more characters of JSON are not written, only what they are called. */
const mostCharacters = 4096;

/** Should any of these be among the parameters after all, they are left out. */
const unspoken = ['text', 'data', 'payload', 'token', 'secret', 'password', 'key', 'authorization'];

/** One line of JSON for each action of a moderator or of the application, for whoever wants to know who did it. */
export class AuditLog implements Audit {
  readonly #pino: PinoLogger;
  readonly #written: Written | undefined;
  readonly #refusals: TokenBucket;
  readonly #refusalsOfOne: BucketPool;
  /** Refused attempts without a line, since the last line of one. */
  #omitted = 0;
  #closed = false;

  /** @throws PlenumError `bad-request` for a file that cannot be written */
  static open({ target, clock, log }: AuditLogOptions): AuditLog {
    try {
      const written = openDestination(target, log, clock);
      return new AuditLog(clock, written.stream, written);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PlenumError(
        'bad-request',
        `the audit log ${target} cannot be written (${reason}); give another file with --audit-log, or - for ` +
          'standard output',
        { cause: error },
      );
    }
  }

  /** @param written what has to be closed; nothing where the stream is somebody else's */
  constructor(clock: Clock, stream: DestinationStream, written?: Written) {
    this.#written = written;
    this.#refusals = new TokenBucket(clock, refusals);
    this.#refusalsOfOne = new BucketPool(clock, refusalsOfOne);
    this.#pino = pino(
      {
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: () => ({ log: 'audit' }) },
        redact: { paths: unspoken.flatMap((key) => [`params.${key}`, `params.*.${key}`]), remove: true },
      },
      stream,
    );
  }

  record({ actor, address, action, params, room, target, outcome }: AuditEntry): void {
    if (this.#closed) return;
    const omitted = outcome === 'done' ? 0 : this.#omitted;
    if (outcome !== 'done' && !this.#mayTellRefusal(address === undefined ? nameOf(actor) : addressKey(address))) {
      this.#omitted += 1;
      return;
    }
    if (outcome !== 'done') this.#omitted = 0;
    this.#pino.info({
      actor,
      address,
      action,
      params: params && bounded(params),
      room,
      target,
      outcome,
      ...(omitted > 0 && { omitted }),
    });
  }

  /** Resolves when all is written, or cannot be. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#refusalsOfOne.close();
    await this.#written?.close();
  }

  #mayTellRefusal(who: string): boolean {
    return this.#refusalsOfOne.of(who).tryTake(1) && this.#refusals.tryTake(1);
  }
}

function nameOf(actor: AuditActor): string {
  if (actor.kind === 'server') return actor.kind;
  return actor.kind === 'participant' ? actor.identity : actor.name;
}

function bounded(params: object): object {
  const characters = JSON.stringify(params).length;
  return characters <= mostCharacters ? params : { characters, names: Object.keys(params).slice(0, 32) };
}
