import { describe, expect, test } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { keptMs } from '../../../src/webhooks/retries.ts';
import { type Attempt, type Delivery, type QueueLimits, TargetQueue } from '../../../src/webhooks/TargetQueue.ts';
import { FakeClock } from '../../support/FakeClock.ts';

interface Request {
  delivery: Delivery;
  signal: AbortSignal;
  answer: (attempt: Attempt) => Promise<void>;
}

const delivered: Attempt = { is: 'delivered' };
const failed: Attempt = { is: 'failed', why: 'it answered with status 500' };

/** A queue whose target is played by the test. */
class Target {
  readonly clock = new FakeClock();
  /** Requests that wait for an answer. */
  readonly open: Request[] = [];
  /** Ids, in the order in which they were sent. */
  readonly sent: string[] = [];
  readonly logged: { msg: string; count?: number; why?: string; target: string }[] = [];
  readonly queue: TargetQueue;

  constructor(limits: Partial<QueueLimits> = {}) {
    this.queue = new TargetQueue({
      target: 'https://hooks.example',
      limits: { events: 1000, bytes: 1_000_000, ...limits },
      clock: this.clock,
      random: () => 1,
      log: createLog({ level: 'debug', format: 'json' }, { write: (line) => void this.logged.push(JSON.parse(line)) }),
      send: (delivery, signal) =>
        new Promise((resolve) => {
          this.sent.push(delivery.id);
          const request: Request = {
            delivery,
            signal,
            answer: async (attempt) => {
              this.open.splice(this.open.indexOf(request), 1);
              resolve(attempt);
              await new Promise(setImmediate);
            },
          };
          // As the sender does: an attempt that is called off has failed.
          signal.addEventListener('abort', () => void request.answer({ is: 'failed', why: signal.reason.message }));
          this.open.push(request);
        }),
    });
  }

  add(...ids: string[]): void {
    for (const id of ids) this.queue.add({ id, lane: id.split('-')[0] ?? '', body: `body of ${id}` });
  }

  get ids(): string[] {
    return this.open.map(({ delivery }) => delivery.id);
  }

  async answer(id: string, attempt: Attempt): Promise<void> {
    const request = this.open.find(({ delivery }) => delivery.id === id);
    if (!request) throw new Error(`${id} is not being sent, but ${this.ids}`);
    await request.answer(attempt);
  }
}

test('events of a room arrive one after the other, rooms beside one another', async () => {
  const target = new Target();
  target.add('a-1', 'a-2', 'b-1', 'a-3');
  expect(target.ids).toEqual(['a-1', 'b-1']);
  await target.answer('a-1', delivered);
  expect(target.ids).toEqual(['b-1', 'a-2']);
  await target.answer('a-2', delivered);
  await target.answer('b-1', delivered);
  await target.answer('a-3', delivered);
  expect(target.sent).toEqual(['a-1', 'b-1', 'a-2', 'a-3']);
  expect(target.queue.figures).toEqual({ pending: 0, pendingBytes: 0, delivered: 4, failures: 0, lost: 0 });
  expect(target.clock.pending).toBe(0);
});

test('one that fails is tried again, later each time, before the next of its room; other rooms go on', async () => {
  const target = new Target();
  target.add('a-1', 'a-2');
  await target.answer('a-1', failed);
  target.add('b-1');
  await target.answer('b-1', delivered);
  for (const waitMs of [1000, 2000, 4000]) {
    target.clock.advance(waitMs - 1);
    expect(target.ids).toEqual([]);
    target.clock.advance(1);
    expect(target.ids).toEqual(['a-1']);
    await target.answer('a-1', failed);
  }
  target.clock.advance(8000);
  await target.answer('a-1', delivered);
  // Once it works, the waits begin anew.
  await target.answer('a-2', failed);
  target.clock.advance(1000);
  await target.answer('a-2', delivered);
  expect(target.sent).toEqual(['a-1', 'b-1', 'a-1', 'a-1', 'a-1', 'a-1', 'a-2', 'a-2']);
  expect(target.queue.figures).toMatchObject({ pending: 0, delivered: 3, failures: 5, lost: 0 });
});

test('a receiver that asks for time gets it', async () => {
  const target = new Target();
  target.add('a-1');
  await target.answer('a-1', { ...failed, askedMs: 60_000 });
  target.clock.advance(59_999);
  expect(target.ids).toEqual([]);
  target.clock.advance(1);
  expect(target.ids).toEqual(['a-1']);
});

test('failures are logged once a minute, with how many there were', async () => {
  const target = new Target();
  target.add('a-1');
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    await target.answer('a-1', failed);
    target.clock.advance(1000 * 2 ** (attempt - 1));
  }
  await target.answer('a-1', failed);
  const lines = target.logged.map(({ msg, why, count, target: named }) => ({ msg, why, count, named }));
  const line = {
    msg: 'webhook not delivered: it will be tried again',
    why: failed.why,
    named: 'https://hooks.example',
  };
  expect(lines).toEqual([
    { ...line, count: 1 },
    { ...line, count: 6 },
    { ...line, count: 1 },
  ]);
});

test('an attempt that takes longer than 15 s is called off, and has failed', async () => {
  const target = new Target();
  target.add('a-1', 'a-2');
  const [{ signal } = { signal: undefined }] = target.open;
  target.clock.advance(14_999);
  expect(signal?.aborted).toBe(false);
  target.clock.advance(1);
  expect(signal?.aborted).toBe(true);
  await new Promise(setImmediate);
  expect(target.logged[0]?.why).toBe('it did not answer within 15 s');
  target.clock.advance(1000);
  expect(target.ids).toEqual(['a-1']);
});

test('at most 16 at a time; who waits longest comes next', async () => {
  const target = new Target();
  const rooms = Array.from({ length: 20 }, (_, index) => `r${index}`);
  target.add(...rooms.map((room) => `${room}-1`), ...rooms.map((room) => `${room}-2`));
  expect(target.open).toHaveLength(16);
  await target.answer('r0-1', delivered);
  await target.answer('r1-1', failed);
  expect(target.ids.slice(-2)).toEqual(['r16-1', 'r17-1']);
  await target.answer('r2-1', delivered);
  await target.answer('r3-1', delivered);
  await target.answer('r4-1', delivered);
  expect(target.ids.slice(-3)).toEqual(['r18-1', 'r19-1', 'r0-2']);
});

test('after a day in vain an event is given up, and the next of its room has its turn', async () => {
  const target = new Target();
  target.add('a-1');
  await target.answer('a-1', failed);
  target.clock.advance(500);
  target.add('a-2');
  const halfway = target.clock.now() + keptMs / 2;
  const nextSent = () => {
    while (target.open.length === 0) target.clock.advance(500);
    return target.ids;
  };
  while (nextSent().includes('a-1')) {
    await target.answer('a-1', failed);
    if (target.clock.now() > halfway && target.queue.figures.pending === 2) target.add('a-3');
  }
  expect(target.ids).toEqual(['a-3']);
  const attempts = target.sent.filter((id) => id === 'a-1').length;
  // Ten minutes apart for most of the day.
  expect(attempts).toBeGreaterThan(140);
  expect(attempts).toBeLessThan(160);
  expect(target.queue.figures).toMatchObject({ pending: 1, lost: 2 });
  expect(target.logged.at(-1)).toMatchObject({ msg: 'webhook events are lost: tried for a day in vain', count: 1 });
  expect(target.clock.now()).toBeGreaterThanOrEqual(1_800_000_000_000 + keptMs);
});

describe('the queue is bounded', () => {
  test('by number: the oldest go, but not one that is being sent; it is logged once, and counted', async () => {
    const target = new Target({ events: 3 });
    target.add('a-1', 'a-2', 'a-3', 'a-4', 'b-1', 'b-2');
    expect(target.queue.figures).toMatchObject({ pending: 3, lost: 3 });
    expect(target.ids).toEqual(['a-1', 'b-1']);
    await target.answer('a-1', delivered);
    await target.answer('b-1', delivered);
    await target.answer('b-2', delivered);
    expect(target.sent).toEqual(['a-1', 'b-1', 'b-2']);
    expect(target.logged).toMatchObject([{ msg: 'webhook events are lost: too many wait, the oldest go', count: 1 }]);
    expect(target.queue.figures).toMatchObject({ pending: 0, pendingBytes: 0, delivered: 3, lost: 3 });
  });

  test('by bytes', async () => {
    const target = new Target({ bytes: 'body of a-1'.length * 2 });
    target.add('a-1', 'a-2', 'a-3');
    expect(target.queue.figures).toMatchObject({ pending: 2, pendingBytes: 22, lost: 1 });
    await target.answer('a-1', delivered);
    expect(target.ids).toEqual(['a-3']);
  });

  test('a room that has lost all its events leaves nothing behind', async () => {
    const target = new Target({ events: 1 });
    target.add('a-1');
    await target.answer('a-1', failed);
    expect(target.clock.pending).toBe(1);
    target.add('b-1');
    await target.answer('b-1', delivered);
    expect(target.clock.pending).toBe(0);
    expect(target.queue.figures).toMatchObject({ pending: 0, pendingBytes: 0, lost: 1 });
    target.clock.advance(keptMs);
    expect(target.sent).toEqual(['a-1', 'b-1']);
  });
});

test('410 Gone: the target gets nothing any more', async () => {
  const target = new Target();
  target.add('a-1', 'a-2', 'b-1');
  await target.answer('a-1', { is: 'gone' });
  expect(target.open).toEqual([]);
  target.add('c-1');
  target.clock.advance(keptMs);
  expect(target.sent).toEqual(['a-1', 'b-1']);
  expect(target.queue.figures).toMatchObject({ pending: 0, pendingBytes: 0, lost: 4 });
  expect(target.clock.pending).toBe(0);
  expect(target.logged).toMatchObject([{ count: 3 }]);
  expect(target.logged[0]?.msg).toContain('410 Gone');
  await target.queue.close(5000);
});

describe('at the end', () => {
  test('nothing is waited for where nothing is left', async () => {
    const target = new Target();
    target.add('a-1');
    await target.answer('a-1', delivered);
    await target.queue.close(5000);
    expect(target.logged).toEqual([]);
    expect(target.clock.pending).toBe(0);
  });

  test('all that waits is tried at once, and until it is there', async () => {
    const target = new Target();
    target.add('a-1', 'a-2');
    for (let failure = 0; failure < 4; failure += 1) {
      await target.answer('a-1', failed);
      target.clock.advance(1000 * 2 ** failure);
    }
    // The next attempt would be 16 s from now.
    await target.answer('a-1', failed);
    target.logged.splice(0);
    const closed = target.queue.close(5000);
    await target.answer('a-1', failed);
    target.clock.advance(1000);
    await target.answer('a-1', delivered);
    target.add('a-3');
    await target.answer('a-2', delivered);
    await target.answer('a-3', delivered);
    await closed;
    expect(target.queue.figures).toMatchObject({ pending: 0, delivered: 3, lost: 0 });
    expect(target.logged).toEqual([]);
    expect(target.clock.pending).toBe(0);
  });

  test('what is not delivered in time is lost, and the log says how much', async () => {
    const target = new Target();
    target.add('a-1', 'a-2', 'b-1');
    const closed = target.queue.close(5000);
    await target.answer('b-1', delivered);
    const [{ signal } = { signal: undefined }] = target.open;
    target.clock.advance(5000);
    await closed;
    expect(signal?.aborted).toBe(true);
    expect(target.logged).toMatchObject([{ count: 2, target: 'https://hooks.example' }]);
    expect(target.queue.figures).toMatchObject({ pending: 0, pendingBytes: 0, delivered: 1, lost: 2 });
    target.add('c-1');
    expect(target.queue.figures.lost).toBe(3);
    expect(target.clock.pending).toBe(0);
  });

  test('closing twice is closing once', async () => {
    const target = new Target();
    target.add('a-1');
    const both = [target.queue.close(5000), target.queue.close(5000)];
    await target.answer('a-1', delivered);
    await Promise.all(both);
    expect(target.queue.figures).toMatchObject({ delivered: 1, lost: 0 });
  });
});
