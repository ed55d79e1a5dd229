import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { Stopper } from '../../src/Stopper.ts';

/** What signals mean, by the time at which they come. The process itself: test/integration/draining.test.ts. */

function setUp({ serving = true } = {}) {
  const seen: string[] = [];
  const drained = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const clock = { ms: 0 };
  const logged: string[] = [];
  const stopper = new Stopper({
    log: createLog({ level: 'error', format: 'json' }, { write: (line: string) => void logged.push(line) }),
    exit: (code) => seen.push(`exit ${code}`),
    now: () => clock.ms,
  });
  const app = {
    registry: { participants: 1 },
    drain: () => {
      seen.push('drain');
      return drained.promise;
    },
    close: () => {
      seen.push('close');
      return closed.promise;
    },
  };
  if (serving) stopper.serve(app);
  return { stopper, seen, drained, closed, clock, logged };
}

const settled = () => new Promise(setImmediate);

test('SIGTERM drains, then closes, then ends', async () => {
  const { stopper, seen, drained, closed } = setUp();
  stopper.signal('SIGTERM');
  await settled();
  expect(seen).toEqual(['drain']);
  drained.resolve();
  await settled();
  expect(seen).toEqual(['drain', 'close']);
  closed.resolve();
  await settled();
  expect(seen).toEqual(['drain', 'close', 'exit 0']);
});

test('SIGTERM again within a second is the same one; later it means: now', () => {
  const { stopper, seen, clock } = setUp();
  stopper.signal('SIGTERM');
  stopper.signal('SIGTERM');
  clock.ms = 1000;
  stopper.signal('SIGTERM');
  expect(seen).toEqual(['drain']);
  clock.ms = 1001;
  stopper.signal('SIGTERM');
  expect(seen).toEqual(['drain', 'close']);
});

test.each(['SIGINT', 'SIGHUP'] as const)('%s does not wait, also while draining', (signal) => {
  const { stopper, seen } = setUp();
  stopper.signal('SIGTERM');
  stopper.signal(signal);
  expect(seen).toEqual(['drain', 'close']);
});

test('a signal while it stops counts when it comes later than a second: then nothing is waited for', () => {
  const { stopper, seen, clock } = setUp();
  stopper.signal('SIGINT');
  clock.ms = 1000;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) stopper.signal(signal);
  expect(seen).toEqual(['close']);
  clock.ms = 1001;
  stopper.signal('SIGTERM');
  expect(seen).toEqual(['close', 'exit 1']);
});

test('it stops once for all reasons, and nothing but a signal is impatient', () => {
  const { stopper, seen, clock } = setUp();
  stopper.stop('no workers');
  clock.ms = 5000;
  stopper.stop('the starting program ended');
  expect(seen).toEqual(['close']);
});

test('where it stops for a failure, its code says so', async () => {
  const { stopper, seen, closed } = setUp();
  stopper.stop('no workers', 1);
  closed.resolve();
  await settled();
  expect(seen).toEqual(['close', 'exit 1']);
});

test('before there is anything to stop a signal ends the process', async () => {
  const { stopper, seen } = setUp({ serving: false });
  stopper.signal('SIGTERM');
  await settled();
  expect(seen).toEqual(['exit 0']);
});

test('a drain or an end that fails is logged, and ends it all the same', async () => {
  const { stopper, seen, drained, closed, logged } = setUp();
  stopper.signal('SIGTERM');
  drained.reject(new Error('no drain'));
  await settled();
  closed.reject(new Error('no end'));
  await settled();
  expect(seen).toEqual(['drain', 'close', 'exit 1']);
  expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
    'the server could not wait for its meetings',
    'the server did not stop cleanly',
  ]);
});
