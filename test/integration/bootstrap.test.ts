import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// The real bootstrap in a small project of its own: no packages to install, a program in place of the server.
const repository = fileURLToPath(new URL('../..', import.meta.url));
const worker = process.env.MEDIASOUP_WORKER_BIN;
// Without it, the first test would begin to build one.
if (!worker) throw new Error('MEDIASOUP_WORKER_BIN is not set: run the tests with npm test');

// Says what reaches it, and ends as the server does: on a signal, or when the bootstrap is gone.
const PROGRAM = `
  console.log('args ' + process.argv.slice(2).join(' '));
  console.log('worker ' + process.env.MEDIASOUP_WORKER_BIN);
  if (process.argv.includes('--fail')) process.exit(7);
  if (process.argv.includes('--help')) process.exit(0);
  const keepAlive = setInterval(() => {}, 1000);
  let count = 0;
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, () => {
    console.log('got ' + event + ' ' + ++count);
    setTimeout(() => process.exit(0), 300);
  });
  console.log('ready');
`;

let project: string;
let cacheHome: string;
let children: ChildProcess[];

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'plenum-bootstrap-'));
  cacheHome = join(project, 'cache');
  children = [];
  cpSync(join(repository, 'deploy'), join(project, 'deploy'), { recursive: true });
  for (const folder of ['src', 'node_modules']) mkdirSync(join(project, folder));
  symlinkSync(join(repository, 'node_modules', 'mediasoup'), join(project, 'node_modules', 'mediasoup'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'package-lock.json'), '{ "packages": {} }');
  writeFileSync(join(project, 'node_modules', '.package-lock.json'), '{ "packages": {} }');
  writeFileSync(join(project, 'src', 'main.ts'), PROGRAM);
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(project, { recursive: true, force: true });
});

interface Running {
  child: ChildProcess;
  output: () => string;
  waitFor: (pattern: RegExp) => Promise<void>;
  ended: Promise<number | null>;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, args, {
    cwd: project,
    // No npm started it, so that nothing of the test's own npm is taken over.
    env: { ...process.env, npm_lifecycle_event: '', XDG_CACHE_HOME: cacheHome, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
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
function bootstrap(args: string[], env?: NodeJS.ProcessEnv): Running {
  return start(['deploy/bootstrap.mjs', 'start', ...args], env);
}

/** Runs a few lines against the bootstrap's modules, in a process of their own. */
async function evaluate(code: string): Promise<unknown> {
  const running = start(['--input-type=module', '--eval', code]);
  expect(await running.ended, running.output()).toBe(0);
  return JSON.parse(running.output());
}

describe('npm start', () => {
  it('gives the program its arguments and a worker that starts, and passes its exit code on', async () => {
    const running = bootstrap(['--fail', 'x']);
    expect(await running.ended).toBe(7);
    expect(running.output()).toContain('args --fail x');
    expect(running.output()).toContain(`worker ${worker}`);
  });

  it('passes a signal on once, however often it comes, and ends with the exit code of a clean stop', async () => {
    const running = bootstrap([]);
    await running.waitFor(/ready/);
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.output()).toContain('got SIGTERM 1');
    expect(running.output()).not.toContain('got SIGTERM 2');
  });

  it('leaves no program behind when it is killed', async () => {
    const running = bootstrap([]);
    await running.waitFor(/ready/);
    running.child.kill('SIGKILL');
    // Comes only when all that hold the output have ended, the program among them.
    await running.ended;
    expect(running.output()).toContain('got disconnect 1');
  });

  it('needs no worker to print its options', async () => {
    const running = bootstrap(['--help'], { MEDIASOUP_WORKER_BIN: '/does/not/exist' });
    expect(await running.ended).toBe(0);
    expect(running.output()).toContain('args --help');
  });
});

describe('a set-up that cannot go on', () => {
  it('says that the given worker does not start, and why', async () => {
    for (const [given, why] of [
      ['/does/not/exist', 'ENOENT'],
      ['/bin/true', 'it ended at once'],
      [join(project, 'package.json'), 'EACCES'],
    ] as const) {
      const running = bootstrap([], { MEDIASOUP_WORKER_BIN: given });
      expect(await running.ended).toBe(1);
      expect(running.output()).toContain(`MEDIASOUP_WORKER_BIN names does not start: ${given}`);
      expect(running.output()).toMatch(new RegExp(`Why: .*${why}`));
      expect(running.output()).toContain('unset MEDIASOUP_WORKER_BIN');
    }
  });

  it('says that the cache cannot be written', async () => {
    writeFileSync(cacheHome, 'a file where the folder should be');
    const running = bootstrap([], { MEDIASOUP_WORKER_BIN: '' });
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain('cannot be written');
    expect(running.output()).toContain('XDG_CACHE_HOME=');
  });

  it('names the tasks that it knows', async () => {
    const running = start(['deploy/bootstrap.mjs', 'strat']);
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/Unknown task "strat"\. Known: start, dev, build/);
  });
});

describe('what a later run may trust', () => {
  it('is no worker that is cut short', async () => {
    const cut = join(project, 'cut-worker');
    writeFileSync(cut, readFileSync(worker).subarray(0, 1_000_000), { mode: 0o755 });
    const result = await evaluate(`
      import { whyWorkerFails } from './deploy/bootstrap/worker-check.mjs';
      const paths = ${JSON.stringify([worker, cut])};
      console.log(JSON.stringify(await Promise.all(paths.map((path) => whyWorkerFails(path, '3.27.1')))));
    `);
    expect(result).toEqual([null, expect.any(String)]);
  });

  it('is no lock of a process that is gone, while two that want the same work take turns', async () => {
    mkdirSync(join(cacheHome, 'plenum', 'work.lock'), { recursive: true });
    // Above the largest pid that Linux gives.
    writeFileSync(join(cacheHome, 'plenum', 'work.lock', 'pid'), '4194305');
    const code = `
      import { withLock } from './deploy/bootstrap/lock.mjs';
      const span = await withLock('work', async () => {
        const from = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return [from, Date.now()];
      });
      console.log(JSON.stringify(span));
    `;
    const both = [start(['--input-type=module', '--eval', code]), start(['--input-type=module', '--eval', code])];
    expect(await Promise.all(both.map((running) => running.ended))).toEqual([0, 0]);
    const spans = both.map((running) => JSON.parse(running.output().trim().split('\n').pop() ?? '') as number[]);
    const [first = [], second = []] = spans.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    expect(second[0]).toBeGreaterThanOrEqual(first[1] ?? Number.POSITIVE_INFINITY);
    expect(existsSync(join(cacheHome, 'plenum', 'work.lock'))).toBe(false);
  });

  it('is the dependencies that somebody has installed with npm ci, and no others', async () => {
    const here = { os: [process.platform], cpu: [process.arch] };
    const result = await evaluate(`
      import { agree } from './deploy/bootstrap/dependencies.mjs';
      const a = { version: '1.0.0', integrity: 'x' };
      const judge = (wanted, installed) => agree({ packages: { '': {}, ...wanted } }, { packages: installed });
      console.log(JSON.stringify([
        judge({ a }, { a }),
        judge({ a }, {}),
        judge({ a }, { a: { ...a, version: '1.0.1' } }),
        judge({ a: { ...a, optional: true, os: ['plan9'] } }, {}),
        judge({ a: { ...a, optional: true, ...${JSON.stringify(here)} } }, {}),
      ]));
    `);
    expect(result).toEqual([true, false, false, true, false]);
  });
});

describe('the small decisions', () => {
  it('counts a run that broke off, a file that cannot be loaded and an unexplained exit code as failures', async () => {
    const result = await evaluate(`
      import { countFrom } from './deploy/bootstrap/tests.mjs';
      const file = (status, ...tests) => ({ status, assertionResults: tests.map((status) => ({ status })) });
      const green = { numPassedTests: 2, numFailedTests: 0, testResults: [file('passed', 'passed', 'passed')] };
      const red = { numPassedTests: 1, numFailedTests: 1,
        testResults: [file('failed', 'failed', 'passed'), file('failed')] };
      console.log(JSON.stringify([countFrom(null, 0), countFrom(green, 0), countFrom(green, 1), countFrom(red, 1)]));
    `);
    expect(result).toEqual([
      { passed: 0, failed: 1 },
      { passed: 2, failed: 0 },
      { passed: 2, failed: 1 },
      { passed: 1, failed: 2 },
    ]);
  });

  it('knows which Node runs TypeScript without a flag', async () => {
    const result = await evaluate(`
      import { runsTypeScript } from './deploy/bootstrap/node.mjs';
      const versions = ['18.20.4', '20.20.2', '22.17.1', '22.18.0', '23.5.0', '23.6.0', '24.0.0', '26.1.0'];
      console.log(JSON.stringify(versions.filter(runsTypeScript)));
    `);
    expect(result).toEqual(['22.18.0', '23.6.0', '24.0.0', '26.1.0']);
  });
});
