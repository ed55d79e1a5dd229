import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerBin } from 'mediasoup';
import { expect, type onTestFinished, test } from 'vitest';
import { ServerProcess } from '../support/ServerProcess.ts';
import { waitFor } from '../support/waitFor.ts';

/** Workers that die, and cannot be started again. The tests wait for most of their time, so they do it together. */

async function startWithTwo(whenDone: typeof onTestFinished) {
  const server = new ServerProcess();
  whenDone(() => server.cleanUp());
  await server.ready();
  const [one, other] = server.workers();
  if (one === undefined || other === undefined) throw new Error('there are no two workers');
  const program = join(server.folder, 'worker');
  return {
    server,
    one,
    other,
    /** From now on a worker that is started does this, by default end at once. */
    spoil(command = 'exit 1'): void {
      rmSync(program);
      writeFileSync(program, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    },
    mend(): void {
      rmSync(program);
      symlinkSync(workerBin, program);
    },
    failures: () => server.problems().filter(({ msg }) => msg === 'a media worker cannot be started').length,
  };
}

test.concurrent('a server without any worker tries for 5 s, and ends with the reason', async ({ onTestFinished }) => {
  const { server, one, other, spoil, failures } = await startWithTwo(onTestFinished);
  spoil();
  const { code, after } = await server.end(() => {
    for (const pid of [one, other]) process.kill(pid, 'SIGKILL');
  });
  expect(code).toBe(1);
  expect(after).toBeGreaterThan(5000);
  expect(failures()).toBeGreaterThan(5);
  // Another failure may be told after it: there are two to be replaced.
  const ends = expect.objectContaining({ msg: 'no media worker can be started: the server ends' });
  expect(server.problems()).toContainEqual(ends);
});

test.concurrent('failures while another worker lives do not count when that one dies', async ({ onTestFinished }) => {
  const { server, one, other, spoil, mend, failures } = await startWithTwo(onTestFinished);
  spoil();
  process.kill(one, 'SIGKILL');
  // 6.2 s, with the delays as they are.
  await waitFor('five failures', () => failures() >= 5, { timeoutMs: 20_000 });
  process.kill(other, 'SIGKILL');
  const before = failures();
  await waitFor('one failure without any worker', () => failures() > before);
  mend();
  await waitFor('both workers', () => server.workers().length === 2, { timeoutMs: 20_000 });
  expect(server.child.exitCode).toBeNull();
});

test.concurrent('a worker that says nothing after its start is killed after 10 s, and another one is started', async ({
  onTestFinished,
}) => {
  const { server, one, other, spoil, mend, failures } = await startWithTwo(onTestFinished);
  // Reads what it is told.
  spoil('while read -r line <&3; do :; done');
  process.kill(one, 'SIGKILL');
  const find = () => server.workers().find((pid) => pid !== one && pid !== other);
  const silent = await waitFor('the one that says nothing', find);
  mend();
  await waitFor('the failure', () => failures() === 1, { timeoutMs: 20_000 });
  expect(JSON.stringify(server.problems())).toContain('it has said nothing for 10 s');
  await waitFor('it to be gone', () => !server.workers().includes(silent));
  await waitFor('a worker in its place', () => server.workers().length === 2, { timeoutMs: 20_000 });
});
