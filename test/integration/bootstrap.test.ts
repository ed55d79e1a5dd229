import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BootstrapProject, type Running } from '../support/BootstrapProject.ts';

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

let project: BootstrapProject;

beforeEach(() => {
  project = new BootstrapProject(PROGRAM);
});

afterEach(() => project.close());

const bootstrap = (args: string[], env?: NodeJS.ProcessEnv): Running => project.bootstrap(args, env);
const evaluate = async (code: string): Promise<unknown> => (await project.evaluate(code)).result;

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
      [join(project.dir, 'package.json'), 'EACCES'],
    ] as const) {
      const running = bootstrap([], { MEDIASOUP_WORKER_BIN: given });
      expect(await running.ended).toBe(1);
      expect(running.output()).toContain(`MEDIASOUP_WORKER_BIN names does not start: ${given}`);
      expect(running.output()).toMatch(new RegExp(`Why: .*${why}`));
      expect(running.output()).toContain('unset MEDIASOUP_WORKER_BIN');
    }
  });

  it('says that the cache cannot be written', async () => {
    writeFileSync(project.cacheHome, 'a file where the folder should be');
    const running = bootstrap([], { MEDIASOUP_WORKER_BIN: '' });
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain('cannot be written');
    expect(running.output()).toContain('XDG_CACHE_HOME=');
  });

  it('names the tasks that it knows', async () => {
    const running = project.start(['deploy/bootstrap.mjs', 'strat']);
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/Unknown task "strat"\. Known: start, dev, build/);
  });
});

describe('what a later run may trust', () => {
  it('is no worker that is cut short', async () => {
    const cut = join(project.dir, 'cut-worker');
    writeFileSync(cut, readFileSync(worker).subarray(0, 1_000_000), { mode: 0o755 });
    const result = await evaluate(`
      import { whyWorkerFails } from './deploy/bootstrap/worker-check.mjs';
      const paths = ${JSON.stringify([worker, cut])};
      console.log(JSON.stringify(await Promise.all(paths.map((path) => whyWorkerFails(path, '3.27.1')))));
    `);
    expect(result).toEqual([null, expect.any(String)]);
  });

  it('is no lock of a process that is gone, while two that want the same work take turns', async () => {
    mkdirSync(join(project.cacheHome, 'plenum', 'work.lock'), { recursive: true });
    // Above the largest pid that Linux gives.
    writeFileSync(join(project.cacheHome, 'plenum', 'work.lock', 'pid'), '4194305');
    const code = `
      import { withLock } from './deploy/bootstrap/lock.mjs';
      const span = await withLock('work', async () => {
        const from = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return [from, Date.now()];
      });
      console.log(JSON.stringify(span));
    `;
    const both = [
      project.start(['--input-type=module', '--eval', code]),
      project.start(['--input-type=module', '--eval', code]),
    ];
    expect(await Promise.all(both.map((running) => running.ended))).toEqual([0, 0]);
    const spans = both.map((running) => JSON.parse(running.output().trim().split('\n').pop() ?? '') as number[]);
    const [first = [], second = []] = spans.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    expect(second[0]).toBeGreaterThanOrEqual(first[1] ?? Number.POSITIVE_INFINITY);
    expect(existsSync(join(project.cacheHome, 'plenum', 'work.lock'))).toBe(false);
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

  it('names at the end what failed, in a line each', async () => {
    const result = await evaluate(`
      import { failuresIn } from './deploy/bootstrap/tests.mjs';
      const test = (status) => ({ status, fullName: 'adds up', failureMessages: ['Error: 3 is not 4\\n    at sum.ts'] });
      const name = process.cwd() + '/test/unit/sum.test.ts';
      console.log(JSON.stringify(failuresIn({ testResults: [
        { name, status: 'failed', assertionResults: [test('failed'), test('passed')] },
        { name, status: 'failed', message: 'cannot be loaded', assertionResults: [] },
        { name, status: 'passed', assertionResults: [test('passed')] },
      ] })));
    `);
    expect(result).toEqual([
      'FAILED test/unit/sum.test.ts > adds up: Error: 3 is not 4',
      'FAILED test/unit/sum.test.ts: cannot be loaded',
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
