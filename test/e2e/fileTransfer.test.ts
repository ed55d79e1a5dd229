import { expect, test } from 'vitest';
import type { DataPerson } from '../support/DataPerson.ts';
import { setDataStage } from '../support/dataStage.ts';
import { waitFor } from '../support/waitFor.ts';

const megabyte = 1024 * 1024;

const stage = setDataStage({ config: { maxFileBytes: 50 * megabyte } });

/** The transfer is under way, and far from its end. */
async function inTheMiddle(sender: DataPerson, index = 0): Promise<void> {
  await waitFor('the middle of the transfer', async () => {
    const { recipients, size } = await sender.transfer(index);
    return recipients.some(({ received }) => received > size / 20);
  });
}

test('10 MB arrive with the same hash, and both sides see them come', async () => {
  const { ada, bob } = await stage.three('ten');
  const began = performance.now();
  await ada.offer(10 * megabyte, 'bob', 7, '../../we ird\\na:me.bin');
  await bob.isOffered();
  await bob.accept();
  const arrival = await bob.arrived();
  console.info(`10 MB from browser to browser took ${Math.round(performance.now() - began)} ms`);
  expect(arrival).toMatchObject({
    state: 'done',
    code: 'ok',
    name: 'na_me.bin',
    type: 'application/x-noise',
    identity: 'ada',
    size: 10 * megabyte,
    received: 10 * megabyte,
    sha256: await bob.hashOfNoise(10 * megabyte, 7),
  });
  expect((await ada.transferred()).code).toBe('ok');
  const transfer = await ada.transfer();
  expect(transfer).toMatchObject({ state: 'done', sent: 10 * megabyte, recipients: [{ state: 'done' }] });
  for (const { progress } of [arrival, transfer]) {
    expect(progress.length).toBeGreaterThan(10);
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
    expect(progress.at(-1)).toBe(10 * megabyte);
  }
});

test('into a stream of the application, no faster than it takes it', async () => {
  const { ada, bob } = await stage.three('stream');
  await ada.offer(3 * megabyte, 'bob', 3);
  await bob.isOffered();
  const { ahead, sha256 } = await bob.page.evaluate(async () => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    const gate = Promise.withResolvers<void>();
    const [offer] = window.lab.offers;
    if (!offer) throw new Error('no offer');
    const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
      write: async (chunk) => {
        await gate.promise;
        chunks.push(chunk);
      },
    });
    const accepted = offer.accept(sink);
    // Long enough for all of it to come, if it were to.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const before = offer.received;
    gate.resolve();
    await accepted;
    return { ahead: before, sha256: await window.lab.sha256(new Blob(chunks)) };
  });
  expect(ahead).toBe(0);
  expect(sha256).toBe(await bob.hashOfNoise(3 * megabyte, 3));
  expect((await ada.transferred()).code).toBe('ok');
});

test('to several: who accepts gets it, who declines does not, and each answer is told', async () => {
  const { ada, bob, cyd } = await stage.three('several');
  await ada.offer(2 * megabyte, ['bob', await cyd.participantId()]);
  await Promise.all([bob.isOffered(), cyd.isOffered()]);
  await bob.accept();
  await cyd.page.evaluate(() => window.lab.offers[0]?.decline());
  expect((await bob.arrived()).sha256).toBe(await bob.hashOfNoise(2 * megabyte));
  expect((await ada.transferred()).code).toBe('ok');
  expect((await ada.transfer()).recipients).toMatchObject([{ state: 'done' }, { state: 'failed', code: 'declined' }]);
});

test('several files at once, in both directions', async () => {
  const { ada, bob } = await stage.three('both-ways');
  await ada.offer(megabyte, 'bob', 11);
  await ada.offer(2 * megabyte, 'bob', 12);
  await bob.offer(megabyte, 'ada', 13);
  await bob.isOffered(2);
  await ada.isOffered();
  await Promise.all([bob.accept(0), bob.accept(1), ada.accept(0)]);
  const [one, two, three] = await Promise.all([bob.arrived(0), bob.arrived(1), ada.arrived(0)]);
  const hashes = await Promise.all([
    ada.hashOfNoise(megabyte, 11),
    ada.hashOfNoise(2 * megabyte, 12),
    ada.hashOfNoise(megabyte, 13),
  ]);
  expect([one.sha256, two.sha256, three.sha256]).toEqual(hashes);
});

test('messages are not held up by a file', async () => {
  const { ada, bob } = await stage.three('beside');
  await ada.offer(20 * megabyte, 'bob');
  await bob.isOffered();
  await bob.accept();
  await inTheMiddle(ada);
  expect(await ada.send('meanwhile', { to: 'bob' })).toBe('ok');
  await bob.hears('meanwhile');
  expect((await bob.page.evaluate(() => window.lab.offers[0]?.state)) ?? '').toBe('receiving');
  await ada.page.evaluate(() => window.lab.transfers[0]?.cancel());
  expect((await bob.arrived()).code).toBe('cancelled');
});

test.each(['sender', 'recipient'] as const)('the %s cancels: both are told, and nothing more flows', async (who) => {
  const { ada, bob } = await stage.three(`cancel-${who}`);
  await ada.offer(40 * megabyte, 'bob');
  await bob.isOffered();
  await bob.accept();
  await inTheMiddle(ada);
  if (who === 'sender') await ada.page.evaluate(() => window.lab.transfers[0]?.cancel());
  else await bob.page.evaluate(() => window.lab.offers[0]?.cancel());
  expect([(await ada.transferred()).code, (await bob.arrived()).code]).toEqual(['cancelled', 'cancelled']);
  expect((await bob.arrived()).state).toBe('cancelled');
  const { sent } = await ada.transfer();
  expect(await ada.send('after', { to: 'bob' })).toBe('ok');
  await bob.hears('after');
  expect((await ada.transfer()).sent - sent).toBeLessThan(megabyte);
});

test.each(['sender', 'recipient'] as const)('the %s leaves: the other one is told', async (who) => {
  const { ada, bob } = await stage.three(`leave-${who}`);
  await ada.offer(40 * megabyte, 'bob');
  await bob.isOffered();
  await bob.accept();
  await inTheMiddle(ada);
  const leaver = who === 'sender' ? ada : bob;
  await leaver.page.evaluate(() => window.lab.room.leave());
  const ends = [(await ada.transferred()).code, (await bob.arrived()).code];
  expect(ends).toEqual(who === 'sender' ? ['aborted', 'closed'] : ['closed', 'aborted']);
});

test('a file larger than the server takes, nobody to send to, and somebody who is not there', async () => {
  const { ada, bob } = await stage.three('too-large');
  const codes = await ada.page.evaluate(async () => {
    const { room, ended } = window.lab;
    // A file that is large, but nowhere: read it is only when it is sent.
    const large = new Blob(Array.from({ length: 51 }, () => new Uint8Array(1024 * 1024)));
    return Promise.all([
      ended(() => room.sendFile(large, { to: 'bob' })),
      ended(() => room.sendFile(new Blob(['x']), { to: [] })),
      ended(() => room.sendFile(new Blob(['x']), { to: 'nobody' }).done),
      ended(() => room.sendFile(new Blob(['x']), { to: 'ada' }).done),
    ]);
  });
  expect(codes.map(({ code }) => code)).toEqual(['message-too-large', 'not-found', 'not-found', 'bad-request']);
  expect(await bob.page.evaluate(() => window.lab.offers.length)).toBe(0);
});

test('a client that does not keep to the size that a file may have is refused by the server', async () => {
  const { ada, bob } = await stage.three('smuggler');
  await ada.page.evaluate(async () => {
    const [reliable] = await window.lab.channels();
    const file = { type: 'offer', fileId: 'f', name: 'n', mimeType: '', size: 2 ** 35 };
    reliable?.send(window.lab.frame(JSON.stringify({ to: ['bob'], file })));
    const chunk = { type: 'chunk', fileId: 'f', offset: 2 ** 35 };
    reliable?.send(window.lab.frame(JSON.stringify({ to: ['bob'], file: chunk })));
  });
  await waitFor('the refusal', () => ada.page.evaluate(() => window.sdk.problems.length > 0));
  expect(await ada.page.evaluate(() => window.sdk.problems)).toEqual([expect.stringMatching(/^message-too-large/)]);
  expect(await ada.send('right', { to: 'bob' })).toBe('ok');
  await bob.hears('right');
  expect(await bob.page.evaluate(() => window.lab.offers.length)).toBe(0);
  await stage.dismiss(ada);
});
