import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { workerBin } from 'mediasoup';
import { z } from 'zod';
import type { Namespace } from '../../support/network/index.ts';
import { waitFor } from '../../support/waitFor.ts';
import { serverAddress } from './Home.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const port = 3000;
/** The default. */
const operatorsUrl = `http://127.0.0.1:${port + 1}`;
const error = 50;
/** Longer than anybody looks on, and no longer. */
const drainSeconds = 25;

const health = z.object({
  rooms: z.number(),
  participants: z.number(),
  sockets: z.number(),
  workers: z.object({ each: z.array(z.object({ pid: z.number(), participants: z.number() })) }),
});
const answer = z.object({ status: z.number(), body: z.unknown() });
const asking = `
  fetch(process.argv[1], { signal: AbortSignal.timeout(3000) }).then(
    async (response) => console.log(JSON.stringify({ status: response.status, body: await response.json() })),
    () => console.log(JSON.stringify({ status: 0, body: null })),
  );
`;
/** Says that it is there, and the time when the server gives that status, in milliseconds since 1970. */
const watching = `
  const [address, status] = process.argv.slice(1);
  const look = () =>
    fetch(address).then(
      (response) => (response.status === Number(status) ? console.log(Date.now()) : setTimeout(look, 20)),
      () => setTimeout(look, 20),
    );
  console.log('there');
  look();
`;
const watchMs = 10_000;
export type ServerHealth = z.output<typeof health>;

/** The real program in its network namespace, as often as it is started; the port stays the same. */
export class ChaosServer {
  readonly url = `http://${serverAddress}:${port}`;
  readonly #place: Namespace;
  readonly #args: readonly string[];
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #read = 0;

  /** @param args beside those that every server of a chaos test gets */
  constructor(place: Namespace, args: readonly string[] = []) {
    this.#place = place;
    this.#args = args;
  }

  /** Resolves when it listens. @returns when that was, milliseconds since 1970 */
  async start(): Promise<number> {
    if (this.running) throw new Error('the server runs already');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PLENUM_')));
    const where = ['--host', serverAddress, '--announced-address', serverAddress, '--port', `${port}`];
    const args = [
      main,
      ...where,
      '--workers',
      '2',
      '--drain-seconds',
      `${drainSeconds}`,
      '--open',
      '--log-format',
      'json',
      ...this.#args,
    ];
    const child = this.#place.spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    const ready = Promise.withResolvers<number>();
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) throw new Error('the server has no output');
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (line.startsWith('Plenum is ready: ')) ready.resolve(Date.now());
      });
    }
    child.once('exit', () => ready.reject(new Error(`the server did not start:\n${this.#lines.join('\n')}`)));
    return ready.promise;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined || !this.running) throw new Error('the server does not run');
    return pid;
  }

  /** Sends a signal and does not wait. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Resolves with its exit code and signal when it has ended. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const child = this.#child;
    if (!child) throw new Error('the server was not started');
    if (this.running) await once(child, 'exit');
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** Kills it and waits until its workers are gone as well. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
    await waitFor('the end of the workers', () => this.processes().length === 0).catch((error: unknown) => {
      throw new Error(`these live on: ${this.processes().map(commandOf).join(' / ')}`, { cause: error });
    });
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    // SIGTERM would let the call go on.
    this.signal('SIGINT');
    await this.ended();
  }

  /** Pids of servers and workers that run at this place, also of those whose parent is gone. */
  processes(): number[] {
    const commands = this.#place.pids().map((pid) => ({ pid, command: commandOf(pid) }));
    return commands
      .filter(({ command }) => command.includes(main) || command.startsWith(workerBin))
      .map(({ pid }) => pid);
  }

  async health(): Promise<ServerHealth> {
    return health.parse((await this.#ask(`${operatorsUrl}/health`)).body);
  }

  /** What it answers over HTTP, from the inside; status 0 where nobody does. */
  ask(path: '/ready' | '/health'): Promise<{ status: number; body: unknown }> {
    return this.#ask(`${this.url}${path}`);
  }

  async #ask(url: string): Promise<{ status: number; body: unknown }> {
    const child = this.#place.spawn(process.execPath, ['--eval', asking, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!child.stdout) throw new Error('whoever asks has no output');
    return answer.parse(JSON.parse(await text(child.stdout)));
  }

  /**
   * Asks again and again from now on, in a process that runs already: to start one takes as long as what is measured.
   * @returns what resolves with the time of the first answer of that status, milliseconds since 1970
   */
  async watchFor(path: '/ready' | '/health', status: number): Promise<() => Promise<number>> {
    const child = this.#place.spawn(process.execPath, ['--eval', watching, `${this.url}${path}`, `${status}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: watchMs,
    });
    if (!child.stdout) throw new Error('whoever watches has no output');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    return async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${path} has not answered with ${status} in ${watchMs} ms`);
      return Number(value);
    };
  }

  /** The pid of the worker that carries most participants. */
  async busiestWorker(): Promise<number> {
    const { workers } = await this.health();
    const [busiest] = workers.each.toSorted((a, b) => b.participants - a.participants);
    if (!busiest) throw new Error('the server has no worker');
    return busiest.pid;
  }

  /** Lines of the log at level error and above, and whatever is no line of the log; since it was last asked. */
  takeProblems(): string[] {
    const fresh = this.#lines.slice(this.#read);
    this.#read = this.#lines.length;
    return fresh.filter(isProblem).map((line) => `server: ${line}`);
  }
}

function isProblem(line: string): boolean {
  if (!line.startsWith('{')) return !line.startsWith('Plenum is ready');
  const { level } = z.object({ level: z.number() }).parse(JSON.parse(line));
  return level >= error;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has just ended.
    return '';
  }
}
