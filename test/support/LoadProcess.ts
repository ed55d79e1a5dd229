import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './network/index.ts';

const main = fileURLToPath(new URL('../load/main.ts', import.meta.url));

export interface LoadOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `node test/load/main.ts`, as `npm run load` starts it. */
export class LoadProcess {
  readonly child: ChildProcess;
  readonly outcome: Promise<LoadOutcome>;
  #stdout = '';
  #stderr = '';

  /** @param place where it runs, and how much of the cores it gets beside others (`nice`); default: here, as all */
  constructor(args: string[], place?: { namespace: Namespace; niceness: number }) {
    const command = [process.execPath, main, ...args];
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    this.child = place
      ? place.namespace.spawn('nice', ['-n', String(place.niceness), ...command], { stdio })
      : spawn(process.execPath, command.slice(1), { stdio });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.outcome = this.#end();
  }

  get stderr(): string {
    return this.#stderr;
  }

  async #end(): Promise<LoadOutcome> {
    const [code] = await once(this.child, 'close');
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

export function runLoad(...args: string[]): Promise<LoadOutcome> {
  return new LoadProcess(args).outcome;
}
