import { expect, onTestFinished, test, vi } from 'vitest';
import { SlowReaders } from '../../src/signaling/SlowReaders.ts';
import { PathChecks } from '../support/PathChecks.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { Wire } from '../support/Wire.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

// So long that nobody is given up as silent here.
// How fast somebody may talk grows with how much one may say at once.
const stage = setStage({ config: { ...wideLimits, maxMessageBytes: 1024 * 1024, pingTimeout: 300 } });

test('who reads too slowly is cut at a megabyte and comes back, and nobody else notices', async () => {
  const wire = await Wire.to(stage.server.url);
  onTestFinished(() => wire.close());
  const client = await stage.client('slow', 'ada', wire.url);
  const ada = Object.assign(client, { answer: await client.join() });
  const bob = await stage.joined('slow', 'bob');
  const carl = await stage.joined('slow', 'carl');
  const checks = await PathChecks.on(ada.answer);
  onTestFinished(() => checks.close());
  /** Says twenty times four kilobytes. @returns milliseconds until all of it was answered, and Carl had the last */
  const chat = async (): Promise<number> => {
    const before = performance.now();
    const answers = Array.from({ length: 20 }, () =>
      bob.request('sendChat', { requestId: newRequestId(), text: 'x'.repeat(4000) }),
    );
    const { chatId } = (await Promise.all(answers)).at(-1) ?? { chatId: '' };
    await carl.next('chat', (message) => message.chatId === chatId);
    return performance.now() - before;
  };
  const usual: number[] = [];
  for (let round = 0; round < 20; round += 1) usual.push(await chat());
  wire.silence();
  const waits: number[] = [];
  // Some megabytes fit into the buffers of the operating system before anything waits here.
  await waitFor(
    'her to be cut',
    async () => {
      waits.push(await chat());
      return stage.server.app.gateway.sockets === 2;
    },
    { timeoutMs: 40_000, intervalMs: 0 },
  );
  const [before, longest] = [Math.max(...usual), Math.max(...waits)].map(Math.round);
  console.info(`cut after ${waits.length} times 80 kB; others waited ${longest} ms at most, and ${before} ms before`);
  expect(longest).toBeLessThan(Math.max(1000, 5 * (before ?? 0)));
  const again = await stage.client('slow', 'ada', stage.server.url, { resume: ada.point });
  expect((await again.next('welcome')).session).toMatch(/resumed|snapshot/);
  await bob.request('sendChat', { requestId: newRequestId(), text: 'last' });
  await again.next('chat', ({ text }) => text === 'last');
  for (const other of [bob, carl])
    expect(other.received('roomChanged').every(({ left }) => left === undefined)).toBe(true);
});

test('what a client begins with does not count as read too slowly: the answer to its join, and what it missed', async () => {
  const allowed = vi.spyOn(SlowReaders.prototype, 'allow');
  onTestFinished(() => void allowed.mockRestore());
  const ada = await stage.joined('begins', 'ada');
  const [first] = allowed.mock.calls.at(-1) ?? [];
  expect(allowed, 'at the welcome and behind the answer').toHaveBeenCalledTimes(2);
  await ada.request('raiseHand', { requestId: newRequestId(), raised: true });
  expect(allowed, 'not behind other answers').toHaveBeenCalledTimes(2);
  const again = await stage.client('begins', 'ada', stage.server.url, { resume: ada.point });
  expect((await again.next('welcome')).session).toBe('resumed');
  expect(allowed).toHaveBeenCalledTimes(3);
  expect(allowed.mock.calls.at(-1)?.[0] === first, 'of the socket that came').toBe(false);
});
