import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Running {
  child: ChildProcess;
  output: () => string;
  waitFor: (pattern: RegExp) => Promise<void>;
  ended: Promise<number | null>;
}

/** The real bootstrap in a small project of its own: no packages to install, a program in place of the server. */
export class BootstrapProject {
  readonly dir: string;
  /** Given to the bootstrap as XDG_CACHE_HOME. */
  readonly cacheHome: string;
  readonly #children: ChildProcess[] = [];

  /** @param program the code of `src/main.ts` */
  constructor(program: string) {
    this.dir = mkdtempSync(join(tmpdir(), 'plenum-bootstrap-'));
    this.cacheHome = join(this.dir, 'cache');
    cpSync(join(repository, 'deploy'), join(this.dir, 'deploy'), { recursive: true });
    for (const folder of ['src', 'node_modules']) mkdirSync(join(this.dir, folder));
    symlinkSync(join(repository, 'node_modules', 'mediasoup'), join(this.dir, 'node_modules', 'mediasoup'));
    writeFileSync(join(this.dir, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(this.dir, 'package-lock.json'), '{ "packages": {} }');
    writeFileSync(join(this.dir, 'node_modules', '.package-lock.json'), '{ "packages": {} }');
    writeFileSync(join(this.dir, 'src', 'main.ts'), program);
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Runs Node in the project. */
  start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(process.execPath, args, {
      cwd: this.dir,
      // No npm started it, so that nothing of the test's own npm is taken over.
      env: { ...process.env, npm_lifecycle_event: '', XDG_CACHE_HOME: this.cacheHome, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const waitFor = async (pattern: RegExp): Promise<void> => {
      const deadline = Date.now() + 10_000;
      while (!pattern.test(output)) {
        if (Date.now() > deadline) throw new Error(`${pattern} did not come; the output was:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    return { child, output: () => output, waitFor, ended };
  }

  /** Runs the bootstrap's task `start`. */
  bootstrap(args: string[], env?: NodeJS.ProcessEnv): Running {
    return this.start(['deploy/bootstrap.mjs', 'start', ...args], env);
  }

  /** Runs a few lines against the bootstrap's modules, in a process of their own, whose last line of output is JSON. */
  async evaluate(code: string, env?: NodeJS.ProcessEnv): Promise<{ result: unknown; log: string }> {
    const running = this.start(['--input-type=module', '--eval', code], env);
    const exitCode = await running.ended;
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}; the output was:\n${running.output()}`);
    const lines = running.output().trim().split('\n');
    return { result: JSON.parse(lines.pop() ?? ''), log: lines.join('\n') };
  }
}
