import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import type { Namespace } from '../support/network/index.ts';
import { testSecret } from '../support/testServer.ts';

export interface BenchServerOptions {
  host: string;
  clientFolder: string;
  /** Where it runs; default: here. */
  namespace?: Namespace;
}

/** What serverProcess.ts says when it listens. */
export interface ServerReady {
  port: number;
  workerPids: number[];
}

const program = fileURLToPath(new URL('serverProcess.ts', import.meta.url));

/** The real server in a process of its own, so that neither the browsers' driver nor the test counts as server. */
export class BenchServer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #workerPids: number[];

  static async start({ namespace, ...options }: BenchServerOptions): Promise<BenchServer> {
    const args = [program, JSON.stringify(options)];
    const settings = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as const };
    const child = namespace
      ? namespace.spawn(process.execPath, args, { stdio: [...settings.stdio] })
      : spawn(process.execPath, args, { stdio: [...settings.stdio] });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the server has ended');
    });
    const [ready] = await Promise.race([once(child, 'message'), ended]);
    // From here on an end is close()'s doing.
    ended.catch(() => undefined);
    return new BenchServer(child, ready);
  }

  private constructor(child: ChildProcess, { port, workerPids }: ServerReady) {
    this.#process = child;
    this.port = port;
    this.#workerPids = workerPids;
  }

  token(room: string, identity: string): Promise<string> {
    return createAccessToken(testSecret, { room, identity });
  }

  /** Memory that is resident now, in MB: of the Node process, and of all workers together. */
  memory(): { node: number; workers: number } {
    return {
      node: residentMegabytes(this.#process.pid),
      workers: this.#workerPids.reduce((sum, pid) => sum + residentMegabytes(pid), 0),
    };
  }

  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}

function residentMegabytes(pid: number | undefined): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1000;
}
