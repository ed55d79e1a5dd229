import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import { RareLog } from '../RareLog.ts';
import { importKeys, type KeySet } from './keySet.ts';
import type { ImportedKey } from './keys.ts';

/** How often it is looked whether the file is another one, in milliseconds. */
const lookMs = 2000;

/** A file with keys, read again when it changes: keys come and go without a restart. */
export class KeyFile {
  readonly #path: string;
  readonly #log: Logger;
  readonly #complaints = new RareLog({ now: () => performance.now() });
  #keys: readonly ImportedKey[];
  #stamp: string;
  #stale = false;
  #lookedAt = performance.now();
  #looking: Promise<void> | undefined;

  /** @throws PlenumError `bad-request` for a file that cannot be read or used, or has a key that nobody should use */
  static async open(path: string, log: Logger): Promise<KeyFile> {
    const stamp = await stampOf(path);
    const { keys, others, complaints } = await read(path);
    const [complaint] = complaints;
    if (complaint !== undefined) throw unusable(path, complaint);
    if (keys.length === 0) throw unusable(path, ['there is no key for tokens in it', ...others].join('; '));
    if (others.length > 0) log.warn({ others }, passedOver);
    return new KeyFile(path, log, stamp, keys);
  }

  private constructor(path: string, log: Logger, stamp: string, keys: readonly ImportedKey[]) {
    this.#path = path;
    this.#log = log;
    this.#stamp = stamp;
    this.#keys = keys;
  }

  /** Whether the keys are those of before, since the file cannot be used as it is now. */
  get stale(): boolean {
    return this.#stale;
  }

  /** As the file is now, or was a moment ago. */
  async keys(): Promise<readonly ImportedKey[]> {
    if (performance.now() - this.#lookedAt >= lookMs) {
      this.#looking ??= this.#look().finally(() => {
        this.#lookedAt = performance.now();
        this.#looking = undefined;
      });
    }
    await this.#looking;
    return this.#keys;
  }

  /**
   * A file that cannot be read changes nothing: everybody would be locked out by a slip. What is in one that can be read is
   * all that holds, were it nothing: a key that others have must be out at once.
   */
  async #look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#path);
      if (stamp === this.#stamp && !this.#stale) return;
      const { keys, others, complaints } = await read(this.#path);
      // Only now: what could not be read is tried again.
      this.#stamp = stamp;
      this.#stale = false;
      this.#keys = keys;
      this.#log.info({ keys: keys.map(({ kid }) => kid) }, 'token keys have changed');
      if (others.length + complaints.length > 0) this.#log.warn({ others, complaints }, passedOver);
      if (keys.length === 0) this.#log.warn('no token keys are left: tokens that were signed with one open nothing');
    } catch (error) {
      this.#stale = true;
      this.#complaints.note((times) => {
        this.#log.error({ err: error, times }, 'the file of token keys cannot be used; the former keys stay');
      });
    }
  }
}

const passedOver = 'some keys in the file of token keys are passed over';

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    throw new PlenumError('bad-request', `the file of token keys ${path} cannot be read`, { cause: error });
  }
}

async function read(path: string): Promise<KeySet> {
  try {
    return await importKeys(await readFile(path, 'utf8'));
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
}

function unusable(path: string, reason: string, cause?: unknown): PlenumError {
  return new PlenumError('bad-request', `the file of token keys ${path} cannot be used: ${reason}`, { cause });
}
