import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../../bench/processUse.ts';
import { testSecret } from '../../support/testServer.ts';
import type { AnswerTo, Question } from './serverProcess.ts';

/** In MB: of the heap what is in use after a collection, of Node and of the workers what is resident. */
export interface Memory {
  heap: number;
  node: number;
  workers: number;
}

interface Told {
  id: number;
  answer?: unknown;
  error?: string;
}

const program = fileURLToPath(new URL('serverProcess.ts', import.meta.url));
/** An answer to a question takes this long at most; the books wait for pipes that nobody needs any more. */
const patienceMs = 30_000;

export interface FuzzServerOptions {
  workers: number;
  /** A file. */
  auditLog: string;
}

/** The real server with real workers, in a process of its own. */
export class FuzzServer {
  readonly url: string;
  /** Of the second listener, for operators. */
  readonly adminUrl: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (told: Told) => void>();
  #lastId = 0;
  #ended: string | undefined;

  static async start({ workers, auditLog }: FuzzServerOptions): Promise<FuzzServer> {
    const child = spawn(process.execPath, ['--expose-gc', program, testSecret, `${workers}`, auditLog], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the server has ended before it was ready');
    });
    const [{ url, adminUrl }] = await Promise.race([once(child, 'message'), ended]);
    // From here on `ended` tells.
    ended.catch(() => undefined);
    return new FuzzServer(child, url, adminUrl);
  }

  private constructor(child: ChildProcess, url: string, adminUrl: string) {
    this.#child = child;
    this.url = url;
    this.adminUrl = adminUrl;
    child.on('message', (told: Told) => {
      this.#waiting.get(told.id)?.(told);
      this.#waiting.delete(told.id);
    });
    child.on('exit', (code, signal) => {
      this.#ended = `the server has ended with ${signal ?? `code ${code}`}`;
    });
  }

  /** Why the process is not there any more; undefined while it is. */
  get ended(): string | undefined {
    return this.#ended;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error where the server has ended, or does not answer */
  ask<Q extends Question>(question: Q): Promise<AnswerTo<Q>> {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const fail = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        this.#child.off('exit', fail);
        reject(new Error(this.#ended ?? `the server has not told its ${question} in ${patienceMs / 1000} s`));
      };
      const timer = setTimeout(fail, patienceMs);
      this.#child.once('exit', fail);
      this.#waiting.set(id, ({ answer, error }) => {
        clearTimeout(timer);
        this.#child.off('exit', fail);
        if (error !== undefined) reject(new Error(error));
        // Both ends of the channel are declared by the same table.
        else resolve(answer as AnswerTo<Q>);
      });
      this.#child.send({ id, question });
    });
  }

  async memory(): Promise<Memory> {
    const { heapBytes } = await this.ask('heap');
    const { pids } = await this.ask('state');
    const [node = 0, ...workers] = [this.pid, ...pids].map((pid) => residentBytes(pid) / 1e6);
    return { heap: heapBytes / 1e6, node, workers: workers.reduce((sum, each) => sum + each, 0) };
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    const [code] = await ended;
    if (code !== 0) throw new Error(`the server ended with code ${code}`);
  }
}
