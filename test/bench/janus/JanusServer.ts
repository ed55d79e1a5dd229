import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steadyPort } from '../../support/steadyPort.ts';
import { startCpuWatch } from '../processUse.ts';

const startTimeoutMs = 10_000;

/** All plugins and transports that the benchmark does not need stay unloaded, so that they cost Janus nothing. */
const disabledPlugins = [
  'audiobridge',
  'duktape',
  'echotest',
  'lua',
  'nosip',
  'recordplay',
  'sip',
  'streaming',
  'textroom',
  'videocall',
  'voicemail',
];
const disabledTransports = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'];

const libraries = (names: readonly string[]) => names.map((name) => `libjanus_${name}.so`).join(',');

/** Debian's Janus with its VideoRoom, started by the benchmark with a configuration of its own. */
export class JanusServer {
  /** Of its WebSocket. */
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  /** @throws Error where Janus is not installed or does not start */
  static async start(): Promise<JanusServer> {
    const port = await steadyPort();
    const folder = mkdtempSync(join(tmpdir(), 'plenum-janus-'));
    const files = {
      'janus.jcfg': `
        general: { debug_level = 2, session_timeout = 0 }
        media: { ipv6 = false }
        plugins: { disable = "${libraries(disabledPlugins)}" }
        transports: { disable = "${libraries(disabledTransports)}" }
        loggers: { disable = "libjanus_jsonlog.so" }`,
      'janus.transport.websockets.jcfg': `general: { ws = true, ws_port = ${port}, ws_ip = "127.0.0.1" }`,
      'janus.plugin.videoroom.jcfg': 'general: { }',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const child = spawn('janus', ['-F', folder, '-o'], { stdio: 'ignore' });
    try {
      await ready(child, port);
      return new JanusServer(child, folder, `ws://127.0.0.1:${port}`);
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#process = child;
    // However the benchmark ends, Janus ends with it.
    process.once('exit', () => child.kill('SIGKILL'));
    this.#folder = folder;
    this.url = url;
  }

  /** Watches its CPU, in seconds, from now on. */
  watchCpu(): () => { node: number; workers: number } {
    const used = startCpuWatch([this.#process.pid ?? 0]);
    return () => ({ node: 0, workers: used().seconds });
  }

  async close(): Promise<void> {
    const ended = this.#process.exitCode === null ? once(this.#process, 'exit') : undefined;
    this.#process.kill('SIGTERM');
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(killer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Janus says that it is ready only at a level of its log that would cost it something: its port tells. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  const holder: { failure?: Error } = {};
  child.once('error', (error) => {
    holder.failure = error;
  });
  child.once('exit', () => {
    holder.failure ??= new Error('Janus has ended while it started');
  });
  const giveUpAt = performance.now() + startTimeoutMs;
  while (!(await accepts(port))) {
    if (holder.failure) throw holder.failure;
    if (performance.now() > giveUpAt) throw new Error(`Janus has not started in ${startTimeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
