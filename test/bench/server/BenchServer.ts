import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createAccessToken } from '../../../src/auth/accessToken.ts';
import type { Config } from '../../../src/config.ts';
import type { Namespace } from '../../support/network/index.ts';
import { testSecret } from '../../support/testServer.ts';
import { residentBytes, startCpuWatch } from '../processUse.ts';

export interface BenchServerOptions {
  host?: string;
  /** The page that it serves; none where browsers have no part. */
  clientFolder?: string;
  /** Options of the server that differ from the defaults. */
  config?: Partial<Config>;
  /** Where it runs; default: here. */
  namespace?: Namespace;
}

/** What serverProcess.ts says when it listens. */
export interface ServerReady {
  port: number;
  adminUrl: string;
  workerPids: number[];
}

/** CPU in seconds: of the Node process, of all workers, and of each worker. */
export interface ServerCpu {
  node: number;
  workers: number;
  eachWorker: number[];
}

export interface ServerUse {
  nodeSeconds: number;
  socketBytes: number;
}

const program = fileURLToPath(new URL('serverProcess.ts', import.meta.url));

/** The real server in a process of its own, so that neither the browsers' driver nor the load counts as server. */
export class BenchServer {
  readonly port: number;
  /** Where the details of /health are. */
  readonly adminUrl: string;
  readonly nodePid: number;
  readonly workerPids: readonly number[];
  readonly #process: ChildProcess;

  static async start({ namespace, ...options }: BenchServerOptions = {}): Promise<BenchServer> {
    const args = ['--expose-gc', program, JSON.stringify(options)];
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

  private constructor(child: ChildProcess, { port, adminUrl, workerPids }: ServerReady) {
    if (child.pid === undefined) throw new Error('the server has not started');
    this.#process = child;
    this.nodePid = child.pid;
    this.port = port;
    this.adminUrl = adminUrl;
    this.workerPids = workerPids;
  }

  /** As clients on this machine reach it. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  token(room: string, identity: string): Promise<string> {
    return createAccessToken(testSecret, { room, identity });
  }

  /** Memory that is resident now, in MB: of the Node process, and of all workers together. */
  memory(): { node: number; workers: number } {
    const megabytes = (pid: number) => residentBytes(pid) / 1e6;
    return {
      node: megabytes(this.nodePid),
      workers: this.workerPids.reduce((sum, pid) => sum + megabytes(pid), 0),
    };
  }

  /** Bytes of heap that are in use after a collection. */
  async heapBytes(): Promise<number> {
    const answer = once(this.#process, 'message');
    this.#process.send('heap');
    const [{ heapBytes }] = await answer;
    return heapBytes;
  }

  /** What it has used so far, to the microsecond and the byte: CPU of the Node process, and written to all sockets. */
  async use(): Promise<ServerUse> {
    const answer = once(this.#process, 'message');
    this.#process.send('use');
    const [{ cpuMicroseconds, socketBytes }] = await answer;
    return { nodeSeconds: (cpuMicroseconds.user + cpuMicroseconds.system) / 1e6, socketBytes };
  }

  /** Watches what it uses from now on; the returned function gives it. */
  watchCpu(): () => ServerCpu {
    const used = startCpuWatch([this.nodePid, ...this.workerPids]);
    return () => {
      const [node = 0, ...eachWorker] = used().each;
      return { node, workers: eachWorker.reduce((sum, seconds) => sum + seconds, 0), eachWorker };
    };
  }

  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}
