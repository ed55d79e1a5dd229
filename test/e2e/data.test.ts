import { describe, expect, test } from 'vitest';
import { setDataStage } from '../support/dataStage.ts';
import { Relay } from '../support/Relay.ts';
import { waitFor } from '../support/waitFor.ts';

// Whoever is cut off has to join anew: what happens to data while a visit goes on is in resume.test.ts.
const stage = setDataStage({ config: { maxDataBytes: 10_000, resumeGrace: 0 } });

test('reliable messages: to all, to some, to one; the server says from whom', async () => {
  const { ada, bob, cyd } = await stage.three('reliable');
  expect(await ada.send('all', { topic: 'greeting' })).toBe('ok');
  expect(await ada.send('some', { to: [await bob.participantId(), 'cyd'] })).toBe('ok');
  expect(await ada.send('one', { to: 'cyd' })).toBe('ok');
  await bob.hears('all', 'some');
  await cyd.hears('all', 'some', 'one');
  expect(await bob.texts()).toEqual(['all', 'some']);
  expect(await ada.texts()).toEqual([]);
  expect((await bob.heard())[0]).toEqual({
    participantId: await ada.participantId(),
    identity: 'ada',
    known: true,
    text: 'all',
    bytes: 3,
    topic: 'greeting',
    reliable: true,
  });
});

test('lossy messages: to all, to some, to one', async () => {
  const { ada, bob, cyd } = await stage.three('lossy');
  // Once a reliable message has come, the channels of both are open.
  await ada.send('open');
  await bob.hears('open');
  await cyd.hears('open');
  await waitFor('lossy messages to arrive', async () => {
    await ada.send('all', { reliable: false });
    await ada.send('some', { reliable: false, to: [await bob.participantId(), 'cyd'] });
    await ada.send('one', { reliable: false, to: 'cyd' });
    const texts = new Set(await cyd.texts());
    return ['all', 'some', 'one'].every((text) => texts.has(text)) && (await bob.texts()).includes('some');
  });
  expect(await bob.texts()).not.toContain('one');
  expect((await cyd.heard()).filter(({ reliable }) => !reliable).every(({ known }) => known)).toBe(true);
});

test('those who come later are reached, those who left are not', async () => {
  const ada = await stage.join('later', 'ada');
  expect(await ada.send('into the void')).toBe('ok');
  const bob = await stage.join('later', 'bob');
  expect(await ada.send('hello')).toBe('ok');
  await bob.hears('hello');
  expect(await bob.texts()).toEqual(['hello']);
  const former = await bob.participantId();
  await bob.page.evaluate(() => window.lab.room.leave());
  await waitFor('Bob to be gone', () => ada.page.evaluate(() => window.lab.room.participants.size === 0));
  expect(await ada.sent('x', { to: [former] })).toEqual({ code: 'not-found', recipients: [former] });
  expect(await bob.send('from outside')).toBe('closed');
});

test('many messages at once arrive in their order, each once', async () => {
  const { ada, bob, cyd } = await stage.three('many');
  const codes = await ada.page.evaluate(async () => {
    const sending = Array.from({ length: 500 }, (_, index) =>
      window.lab.ended(() => window.lab.room.sendData(new TextEncoder().encode(String(index)))),
    );
    return new Set((await Promise.all(sending)).map(({ code }) => code)).size;
  });
  expect(codes).toBe(1);
  const all = Array.from({ length: 500 }, (_, index) => String(index));
  await bob.hears('499');
  await cyd.hears('499');
  expect(await bob.texts()).toEqual(all);
  expect(await cyd.texts()).toEqual(all);
});

test('everybody to everybody at the same time', async () => {
  const { ada, bob, cyd } = await stage.three('all-at-once');
  const people = [ada, bob, cyd];
  await Promise.all(
    people.map(({ page, identity }) =>
      page.evaluate(async (name) => {
        const sending = Array.from({ length: 100 }, (_, index) =>
          window.lab.room.sendData(new TextEncoder().encode(`${name} ${index}`)),
        );
        await Promise.all(sending);
      }, identity),
    ),
  );
  for (const person of people) {
    await waitFor('all messages', async () => (await person.texts()).length === 200);
    for (const other of people) {
      if (other === person) continue;
      const own = (await person.texts()).filter((text) => text.startsWith(other.identity));
      expect(own).toEqual(Array.from({ length: 100 }, (_, index) => `${other.identity} ${index}`));
    }
  }
});

describe('what is refused, and nobody gets it', () => {
  test('nobody to go to, somebody who is not there, oneself, and too much', async () => {
    const { ada, bob } = await stage.three('refused');
    expect(await ada.send('x', { to: [] })).toBe('bad-request');
    expect(await ada.sent('x', { to: ['bob', 'nobody'] })).toEqual({ code: 'not-found', recipients: ['nobody'] });
    expect(await ada.send('x', { to: 'ada' })).toBe('bad-request');
    expect(await ada.send('x'.repeat(10_001))).toBe('message-too-large');
    expect(await ada.send('x', { topic: 'x'.repeat(129) })).toBe('bad-request');
    expect(await ada.send('x', { topic: 'a\nb' })).toBe('bad-request');
    const noBytes = await ada.page.evaluate(() =>
      // As somebody without types may call it.
      window.lab.ended(() => Reflect.apply(window.lab.room.sendData, window.lab.room, ['text'])),
    );
    expect(noBytes.code).toBe('bad-request');
    expect(await ada.send('y'.repeat(10_000))).toBe('ok');
    await waitFor('what was right', async () => (await bob.heard()).length > 0);
    expect((await bob.heard()).map(({ bytes }) => bytes)).toEqual([10_000]);
  });

  test('before the join', async () => {
    const ada = await stage.join('before', 'ada');
    const code = await ada.page.evaluate(async () => {
      const fresh = Reflect.construct(window.lab.room.constructor, []);
      return window.lab.ended(() => fresh.sendData(new Uint8Array(1)));
    });
    expect(code.code).toBe('wrong-phase');
  });
});

test('a page that sends noise over its channels harms nobody, and is heard again when it stops', async () => {
  const { ada, bob, cyd } = await stage.three('noise');
  const oddities = await ada.page.evaluate(async () => {
    const { channels, frame, noise } = window.lab;
    const open = await channels();
    const frames = [
      ...Array.from({ length: 300 }, (_, seed) => noise(seed % 90, seed)),
      frame('{"to":["bob"],"participantId":"somebody"}'),
      frame('{"to":[]}'),
      frame('{"to":{"length":1e9}}'),
      frame('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['),
      noise(200_000, 1),
    ];
    for (const channel of open) for (const each of frames) channel.send(each);
    for (const channel of open) channel.send('text, which nobody sends');
    return open.length;
  });
  expect(oddities).toBe(2);
  expect(await bob.send('undisturbed')).toBe('ok');
  await cyd.hears('undisturbed');
  await waitFor('the offender to be told', () => ada.page.evaluate(() => window.sdk.problems.length > 0));
  expect((await ada.page.evaluate(() => window.sdk.problems)).every((told) => told.startsWith('bad-request'))).toBe(
    true,
  );
  // Whatever it sends while it is not listened to is lost; afterwards it is one like all others.
  await waitFor(
    'the offender to be heard again',
    async () => {
      await ada.page.evaluate(() => void window.lab.room.sendData(new TextEncoder().encode('sorry')).catch(() => 0));
      return (await bob.texts()).includes('sorry');
    },
    { timeoutMs: 15_000 },
  );
  await stage.dismiss(ada);
});

test('after a reconnect data flows again, and what was under way is not said to have arrived', async () => {
  const relay = await Relay.to(stage.server.url);
  try {
    const ada = await stage.join('again', 'ada', relay.url);
    const bob = await stage.join('again', 'bob');
    const before = await ada.participantId();
    relay.cut();
    expect(['disconnected', 'ok']).toContain(await ada.send('perhaps'));
    await waitFor('a new visit', async () => (await ada.participantId()) !== before, { timeoutMs: 15_000 });
    await waitFor('a message to pass', async () => (await ada.send('again', { to: 'bob' })) === 'ok');
    await bob.hears('again');
    expect((await bob.heard()).at(-1)?.participantId).toBe(await ada.participantId());
    expect(await bob.send('back', { to: await ada.participantId() })).toBe('ok');
    await ada.hears('back');
  } finally {
    await relay.close();
  }
});
