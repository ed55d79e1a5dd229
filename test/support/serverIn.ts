import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './network/index.ts';

export interface NamespacedServer {
  url: string;
  /** Stops it as Ctrl-C does, whoever is still in a meeting; fails when it did not end cleanly, or had logged a warning or an error. */
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const warn = 40;

/** The real program, as `npm start` runs it, inside a network namespace. The door is open. */
export async function startServerIn(namespace: Namespace, host: string): Promise<NamespacedServer> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PLENUM_')));
  const args = [main, '--host', host, '--open', '--log-format', 'json'];
  const child = namespace.spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) throw new Error('the server has no output');
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const url = /^Plenum is ready: (\S+)$/.exec(line)?.[1];
      if (url) ready.resolve(url);
    });
  }
  ended.then(() => ready.reject(new Error(`the server did not start:\n${lines.join('\n')}`)));
  const url = await ready.promise;
  return {
    url,
    close: async () => {
      // What workers say while their other end goes away is no problem, so only what came before counts.
      const problems = lines.filter((line) => isProblem(line));
      child.kill('SIGINT');
      const [code] = await ended;
      if (code !== 0) problems.push(`the server ended with code ${code}`);
      if (problems.length > 0) throw new Error(`the server had problems:\n${problems.join('\n')}`);
    },
  };
}

function isProblem(line: string): boolean {
  if (!line.startsWith('{')) return !line.startsWith('Plenum is ready');
  return JSON.parse(line).level >= warn;
}
