import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../../support/network/index.ts';

export interface CrowdOptions {
  url: string;
  room: string;
  /** How many load clients. */
  size: number;
  seed: number;
}

const program = fileURLToPath(new URL('crowdProcess.ts', import.meta.url));

/** Load clients in a process of their own; what they do is theirs. */
export class Crowd {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** All sizes that it has told, added up, and how many. */
  readonly #sizes: [sum: number, looks: number] = [0, 0];

  /** Resolves when all have joined. @param place a namespace that reaches the server without anything between */
  static async gather(place: Namespace, options: CrowdOptions): Promise<Crowd> {
    const child = place.spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const crowd = new Crowd(child);
    const failed = crowd.#ended.then(() => {
      throw new Error('the crowd has ended');
    });
    await Promise.race([once(child, 'message'), failed]);
    failed.catch(() => undefined);
    return crowd;
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#ended = once(child, 'exit');
    child.on('message', (size) => {
      this.#sizes[0] += Number(size);
      this.#sizes[1] += 1;
    });
  }

  /** How many were there on average, so far. */
  get averageSize(): number {
    const [sum, looks] = this.#sizes;
    return sum / Math.max(1, looks);
  }

  get isThere(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async close(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
  }
}
