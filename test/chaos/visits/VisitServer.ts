import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../../bench/processUse.ts';
import { testSecret } from '../../support/testServer.ts';
import type { Inventory } from './inventory.ts';

/** What a server holds: inside of its process, and as the kernel sees it and its workers. */
export interface Holdings extends Inventory {
  /** Descriptors of the Node process and of each worker. */
  descriptors: number[];
  /** Local ports that are bound, each with its protocol. */
  ports: string[];
}

/** Memory in MB: of the heap what is in use after a collection, of Node and of the workers what is resident. */
export interface Memory {
  heap: number;
  node: number;
  workers: number;
}

const program = fileURLToPath(new URL('serverProcess.ts', import.meta.url));

/** The real server in a process of its own, which says what it holds. */
export class VisitServer {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #pids: readonly number[];

  static async start(): Promise<VisitServer> {
    const child = spawn(process.execPath, ['--expose-gc', program, testSecret], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the server has ended');
    });
    const [{ url, workerPids }] = await Promise.race([once(child, 'message'), ended]);
    // From here on an end is close()'s doing.
    ended.catch(() => undefined);
    return new VisitServer(child, url, workerPids);
  }

  private constructor(child: ChildProcess, url: string, workerPids: readonly number[]) {
    if (child.pid === undefined) throw new Error('the server has not started');
    this.#process = child;
    this.#pids = [child.pid, ...workerPids];
    this.url = url;
  }

  async holdings(): Promise<Holdings> {
    const inventory = await this.#ask<Inventory>('inventory');
    const descriptors = this.#pids.map(descriptorsOf);
    return {
      ...inventory,
      descriptors: descriptors.map(({ length }) => length),
      ports: portsOf(new Set(descriptors.flat())),
    };
  }

  async memory(): Promise<Memory> {
    const { heapBytes } = await this.#ask<{ heapBytes: number }>('heap');
    const [node = 0, ...workers] = this.#pids.map((pid) => residentBytes(pid) / 1e6);
    return { heap: heapBytes / 1e6, node, workers: workers.reduce((sum, each) => sum + each, 0) };
  }

  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    const [code] = await ended;
    if (code !== 0) throw new Error(`the server ended with code ${code}`);
  }

  async #ask<T>(question: 'inventory' | 'heap'): Promise<T> {
    const answer = once(this.#process, 'message');
    this.#process.send(question);
    const [given] = await answer;
    return given;
  }
}

/** Where each open descriptor leads to. */
function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return readlinkSync(`${folder}/${descriptor}`);
    } catch {
      // Closed since the folder was read.
      return [];
    }
  });
}

/** Listening TCP ports and UDP ports of these sockets (proc(5): /proc/net/tcp). */
function portsOf(descriptors: ReadonlySet<string>): string[] {
  const listening = '0A';
  return ['tcp', 'tcp6', 'udp', 'udp6']
    .flatMap((protocol) =>
      readFileSync(`/proc/net/${protocol}`, 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , , state, , , , , , inode]) => {
          return descriptors.has(`socket:[${inode}]`) && (protocol.startsWith('udp') || state === listening);
        })
        .map(([, local]) => `${protocol} ${Number.parseInt(local?.split(':')[1] ?? '', 16)}`),
    )
    .toSorted();
}
