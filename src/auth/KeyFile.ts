import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import { type ImportedKey, importKeySet } from './keys.ts';

/** How often it is looked whether the file is another one, in milliseconds. */
const lookMs = 2000;

/** A file with a set of keys, read again when it changes: keys come and go without a restart. */
export class KeyFile {
  readonly #path: string;
  readonly #log: Logger;
  #keys: readonly ImportedKey[];
  #stamp: string;
  /** Told once of each time in which the file is of no use. */
  #complained = false;
  #lookedAt = performance.now();
  #looking: Promise<void> | undefined;

  /** @throws PlenumError `bad-request` for a file that cannot be read or used */
  static async open(path: string, log: Logger): Promise<KeyFile> {
    const stamp = await stampOf(path);
    return new KeyFile(path, log, stamp, await read(path));
  }

  private constructor(path: string, log: Logger, stamp: string, keys: readonly ImportedKey[]) {
    this.#path = path;
    this.#log = log;
    this.#stamp = stamp;
    this.#keys = keys;
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

  /** A file that cannot be used changes nothing: everybody would be locked out by a slip. */
  async #look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#path);
      if (stamp === this.#stamp) return;
      this.#keys = await read(this.#path);
      // Only now: what could not be read is tried again.
      this.#stamp = stamp;
      this.#complained = false;
      this.#log.info({ keys: this.#keys.map(({ kid }) => kid) }, 'token keys have changed');
    } catch (error) {
      if (!this.#complained)
        this.#log.error({ err: error }, 'the file of token keys cannot be used; the former keys stay');
      this.#complained = true;
    }
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    throw new PlenumError('bad-request', `the file of token keys ${path} cannot be read`, { cause: error });
  }
}

async function read(path: string): Promise<readonly ImportedKey[]> {
  try {
    return await importKeySet(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlenumError('bad-request', `the file of token keys ${path} cannot be used: ${reason}`, { cause: error });
  }
}
