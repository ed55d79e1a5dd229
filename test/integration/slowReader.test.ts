import { expect, onTestFinished, test } from 'vitest';
import { PathChecks } from '../support/PathChecks.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { Wire } from '../support/Wire.ts';

const stage = setStage();

test('who reads too slowly is cut at a megabyte and comes back, and nobody else notices', async () => {
  const wire = await Wire.to(stage.server.url);
  onTestFinished(() => wire.close());
  const client = await stage.client('slow', 'ada', wire.url);
  const ada = Object.assign(client, { answer: await client.join() });
  const bob = await stage.joined('slow', 'bob');
  const carl = await stage.joined('slow', 'carl');
  const checks = await PathChecks.on(ada.answer);
  onTestFinished(() => checks.close());
  wire.silence();
  const since = Date.now();
  let longest = 0;
  let sent = 0;
  // Some megabytes fit into the buffers of the operating system before anything waits here.
  while (stage.server.app.gateway.sockets === 3 && Date.now() - since < 9000) {
    const before = Date.now();
    const answers = Array.from({ length: 20 }, () =>
      bob.request('sendChat', { requestId: newRequestId(), text: 'x'.repeat(4000) }),
    );
    const { chatId } = (await Promise.all(answers)).at(-1) ?? { chatId: '' };
    await carl.next('chat', (message) => message.chatId === chatId);
    longest = Math.max(longest, Date.now() - before);
    sent += 20 * 4000;
  }
  expect(stage.server.app.gateway.sockets, 'she is cut long before her heartbeat is given up').toBe(2);
  console.info(`cut after ${sent} bytes of chat and ${Date.now() - since} ms; the others waited ${longest} ms at most`);
  expect(longest).toBeLessThan(1000);
  const again = await stage.client('slow', 'ada', stage.server.url, { resume: ada.point });
  expect((await again.next('welcome')).session).toMatch(/resumed|snapshot/);
  await bob.request('sendChat', { requestId: newRequestId(), text: 'last' });
  await again.next('chat', ({ text }) => text === 'last');
  for (const other of [bob, carl])
    expect(other.received('roomChanged').every(({ left }) => left === undefined)).toBe(true);
});
