import { spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { lookAtProcess, type ProcessLook, parseProcessStat } from '../../../src/media/processLook.ts';
import { Watchdog } from '../../../src/media/Watchdog.ts';
import { waitFor } from '../../support/waitFor.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A worker that looks like this, and the looks that the watchdog takes at it. */
function watched(look: () => ProcessLook | undefined, answers = false) {
  const seen = { hung: 0, pings: 0 };
  const watchdog = new Watchdog({
    pid: 1,
    ping: () => {
      seen.pings += 1;
      return answers ? Promise.resolve() : new Promise(() => undefined);
    },
    hung: () => {
      seen.hung += 1;
    },
    look,
  });
  open.push(watchdog);
  const looks = async (count: number) => {
    for (let taken = 0; taken < count && seen.hung === 0; taken += 1) {
      watchdog.look();
      await Promise.resolve();
      await Promise.resolve();
    }
    return seen.hung;
  };
  return { looks, seen };
}

/** Six looks are a second and a half. */
const suspicious = 6;

describe('the watchdog', () => {
  test('finds a worker that is stopped, and one that sleeps without an answer', async () => {
    for (const state of ['T', 't', 'S']) {
      expect(await watched(() => ({ state, used: 7 })).looks(suspicious), state).toBe(1);
    }
  });

  test('leaves alone whoever answers', async () => {
    const { looks, seen } = watched(() => ({ state: 'S', used: 7 }), true);
    expect(await looks(1000)).toBe(0);
    expect(seen.pings).toBeGreaterThan(300);
  });

  test('leaves alone whoever works, waits for a core or for a disk', async () => {
    let used = 0;
    const works = () => {
      used += 1;
      return { state: 'S', used };
    };
    expect(await watched(works).looks(suspicious + 50)).toBe(0);
    for (const state of ['R', 'D']) {
      expect(await watched(() => ({ state, used: 7 })).looks(suspicious + 50), state).toBe(0);
    }
  });

  test('gives up on one that has not answered for half a minute, whatever it does', async () => {
    const { looks } = watched(() => ({ state: 'R', used: 7 }));
    expect(await looks(119)).toBe(0);
    expect(await looks(10)).toBe(1);
  });

  test('where there is no /proc only the time tells', async () => {
    const { looks } = watched(() => undefined);
    expect(await looks(100)).toBe(0);
    expect(await looks(30)).toBe(1);
  });
});

describe('a look at a process', () => {
  test('reads state and CPU time, whatever the name', () => {
    const stat = '17 (a (b) c) S 1 17 17 0 -1 4194560 1 0 0 0 250 30 0 0 20 0 1 0 5 0 0';
    expect(parseProcessStat(stat)).toEqual({ state: 'S', used: 280 });
    expect(parseProcessStat('')).toBeUndefined();
    expect(lookAtProcess(2 ** 30)).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('tells a busy process, a stopped one and a sleeping one apart', async () => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    open.push(...[busy, idle].map((child) => ({ close: () => void child.kill('SIGKILL') })));
    const look = ({ pid = 0 }: typeof busy) => lookAtProcess(pid) ?? { state: '', used: -1 };
    const before = look(busy).used;
    await waitFor('its time to grow', () => look(busy).used > before + 5);
    await waitFor('the other one to sleep', () => look(idle).state === 'S');
    idle.kill('SIGSTOP');
    await waitFor('it to stand still', () => look(idle).state === 'T');
  });
});
