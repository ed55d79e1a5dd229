import { beforeEach, expect, test } from 'vitest';
import { Absence } from '../../../src/signaling/Absence.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const graceMs = 30_000;

let clock: FakeClock;
let bytes: number;
/** Undefined: the worker does not answer. */
let answers: boolean;
let probes: number;
let silent: boolean;
let gone: string | undefined;
let absence: Absence;

beforeEach(() => {
  clock = new FakeClock();
  bytes = 0;
  answers = true;
  probes = 0;
  silent = false;
  gone = undefined;
  const transport = {
    bytesReceived: async () => {
      if (!answers) throw new Error('the worker is gone');
      return bytes;
    },
  };
  absence = new Absence({
    participant: {
      sendTransport: transport,
      recvTransport: { bytesReceived: async () => 0 },
      setSilent: (now) => {
        silent = now;
      },
    },
    clock,
    graceMs,
    probe: () => {
      probes += 1;
    },
    gone: (reason) => {
      gone = reason;
      absence.close();
    },
  });
});

/** Lets time pass in small steps, so that each look gets its answer; `each` is what happens in every step. */
async function pass(ms: number, each: () => void = () => undefined): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    each();
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const sends = () => {
  bytes += 10;
};

test('who sends nothing is gone after four seconds', async () => {
  absence.begin('disconnected');
  expect(silent).toBe(true);
  await pass(3900);
  expect(gone).toBeUndefined();
  await pass(700);
  expect(gone).toBe('disconnected');
  expect(clock.pending).toBe(0);
});

test('who sends stays for the grace, and no longer', async () => {
  absence.begin('disconnected');
  await pass(graceMs - 100, sends);
  expect(gone).toBeUndefined();
  expect(probes).toBeGreaterThan(50);
  await pass(200, sends);
  expect(gone).toBe('disconnected');
  expect(clock.pending).toBe(0);
});

test('who comes back is asked nothing more', async () => {
  absence.begin('disconnected');
  await pass(2000, sends);
  absence.end();
  expect(silent).toBe(false);
  const before = probes;
  await pass(60_000);
  expect(probes).toBe(before);
  expect(gone).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('after a long silence nobody waits four seconds more, unless something has arrived lately', async () => {
  absence.setSilent(true);
  await pass(9000);
  expect(gone).toBeUndefined();
  absence.begin('silent');
  expect(gone).toBe('silent');
});

test('a socket that breaks after a silence may be one that is being replaced: it has its four seconds', async () => {
  absence.setSilent(true);
  await pass(9000);
  absence.begin('disconnected');
  await pass(3900);
  expect(gone).toBeUndefined();
  await pass(700);
  expect(gone).toBe('disconnected');
});

test('a worker that does not answer is not the fault of the client', async () => {
  answers = false;
  absence.begin('disconnected');
  await pass(20_000);
  expect(gone).toBeUndefined();
  await pass(graceMs);
  expect(gone).toBe('disconnected');
});
