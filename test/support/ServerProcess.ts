import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { workerBin } from 'mediasoup';
import { warningStart } from '../../src/media/workerHoles.ts';
import { waitFor } from './waitFor.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServerProcessOptions {
  args?: string[];
  env?: Record<string, string>;
  /** A process group of its own, as a terminal gives to what is started in it. */
  detached?: boolean;
  /** The limit of open files, for it and its workers: `ulimit -n`. */
  files?: number;
  /** With a channel, as from a program that starts the server. */
  ipc?: boolean;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Milliseconds from the signal, or from the start, until the end. */
  after: number;
}

/** `node src/main.ts`, for real; its workers are found by a path of their own. */
export class ServerProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly #startedAt = Date.now();
  readonly #ended: Promise<Ended>;
  readonly #worker: string;
  #output = '';

  constructor({ args = [], env = {}, detached = false, files, ipc = false }: ServerProcessOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'plenum-process-'));
    this.#worker = join(this.folder, 'worker');
    symlinkSync(workerBin, this.#worker);
    // What the developer's shell says of Plenum is not what is tested.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PLENUM_'));
    // prlimit becomes what it starts: the pid is the server's.
    const [program, before] =
      files === undefined ? [process.execPath, []] : ['prlimit', [`--nofile=${files}:${files}`, process.execPath]];
    this.child = spawn(
      program,
      [...before, main, '--port', '0', '--rtc-port', '0', '--workers', '2', '--log-format', 'json', ...args],
      {
        env: {
          ...Object.fromEntries(inherited),
          MEDIASOUP_WORKER_BIN: this.#worker,
          XDG_CACHE_HOME: join(this.folder, 'cache'),
          ...env,
        },
        detached,
        stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#ended = this.#waitForEnd();
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the server was not started');
    return this.child.pid;
  }

  /** What the ready line says. */
  async ready(): Promise<string> {
    const url = await waitFor(
      'the ready line',
      () => {
        if (this.child.exitCode !== null) throw new Error(`the server ended before it was ready:\n${this.#output}`);
        return /^Plenum is ready: (\S+)$/m.exec(this.#output)?.[1];
      },
      { timeoutMs: 20_000 },
    );
    return url;
  }

  /** Where metrics and the details of /health are, as the log says it. */
  async adminUrl(): Promise<string> {
    await this.ready();
    const [, url] = /"?adminUrl"?: ?"(http:[^"]+)"/.exec(this.#output) ?? [];
    if (url === undefined) throw new Error(`the log says nothing of the operators' address:\n${this.#output}`);
    return url.replace('localhost', '127.0.0.1');
  }

  /** Pids of this server's workers that are alive, also of those whose parent is gone. */
  workers(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
    return lines
      .filter((line) => line.includes(`${this.#worker} `) && !/^\s*\d+\s+Z/.test(line))
      .map((line) => Number.parseInt(line, 10));
  }

  /** Lines of the log at level warn and above; without what it says of a worker that somebody else has built. */
  problems(): Record<string, unknown>[] {
    // The last one may not have come entirely.
    const lines = this.#output.split('\n').slice(0, -1);
    const entries = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    return entries.filter(({ level, msg }) => level >= 40 && !msg?.startsWith(warningStart));
  }

  /** Resolves when the process has ended; `act`, for example sending a signal, is what starts the clock. */
  async end(act?: () => void): Promise<Ended> {
    const since = Date.now();
    act?.();
    const ended = await this.#ended;
    return act ? { ...ended, after: Date.now() - since } : ended;
  }

  async #waitForEnd(): Promise<Ended> {
    const { child } = this;
    // Not 'close', which does not come where the channel was disconnected from here.
    const outputs = [child.stdout, child.stderr].flatMap((stream) => (stream ? [finished(stream)] : []));
    const [[code, signal]] = await Promise.all([once(child, 'exit'), ...outputs]);
    return { code, signal, after: Date.now() - this.#startedAt };
  }

  /** Takes away whatever the test has left. */
  cleanUp(): void {
    for (const pid of [
      ...this.workers(),
      ...(this.child.exitCode === null && !this.child.signalCode ? [this.pid] : []),
    ]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
