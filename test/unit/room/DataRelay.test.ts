import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientMessageHeader, clientFrameCodec, senderWindowBytes } from '../../../src/protocol/index.ts';
import { DataStage, three } from '../../support/DataTalker.ts';
import { FakeDataBus } from '../../support/FakeDataBus.ts';

describe('whom a message is for', () => {
  test.each(['reliable', 'lossy'] as const)('%s: to all, to some, to one; never back to the sender', async (kind) => {
    const { ada, bob, cyd } = await three();
    ada.send('all', {}, kind);
    ada.send('some', { to: ['p-bob', 'cyd'] }, kind);
    ada.send('one', { to: ['p-cyd'] }, kind);
    expect(bob.texts).toEqual(['all', 'some']);
    expect(cyd.texts).toEqual(['all', 'some', 'one']);
    expect(ada.heard).toEqual([]);
    expect(bob.heard.map((heard) => heard.kind)).toEqual([kind, kind]);
  });

  test('the server writes the sender, topic and file onto it, and nothing else', async () => {
    const { ada, bob } = await three();
    ada.send('hello', { topic: 'greeting' });
    ada.send('', { to: ['bob'], file: { type: 'accept', fileId: 'f' } });
    expect(bob.heard.map(({ header }) => header)).toEqual([
      { participantId: 'p-ada', identity: 'ada', topic: 'greeting' },
      { participantId: 'p-ada', identity: 'ada', file: { type: 'accept', fileId: 'f' } },
    ]);
  });

  test('a sender cannot be claimed', async () => {
    const { stage, ada, bob } = await three();
    const header = JSON.stringify({ participantId: 'p-cyd', identity: 'cyd' });
    const frame = clientFrameCodec.encode('message', 1, {});
    const forged = new Uint8Array([...frame.subarray(0, 5), 0, header.length, ...new TextEncoder().encode(header)]);
    ada.line.say('reliable', forged);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ messageIds: [1], code: 'bad-request' }]);
    expect(bob.heard).toEqual([]);
  });

  test('a participantId comes before an identity, so that nobody can take over messages for somebody else', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const thief = await stage.join('p-bob');
    const bob = await stage.join('bob');
    ada.send('secret', { to: ['p-bob'] });
    expect(bob.texts).toEqual(['secret']);
    expect(thief.texts).toEqual([]);
  });

  test('one message for each router, however many are there', async () => {
    const stage = new DataStage();
    const other = new FakeDataBus();
    const ada = await stage.join('ada');
    const here = [await stage.join('bob'), await stage.join('cyd')];
    const there = [await stage.join('dan', { bus: other }), await stage.join('eve', { bus: other })];
    ada.send('hello');
    expect([...here, ...there].map(({ texts }) => texts)).toEqual([['hello'], ['hello'], ['hello'], ['hello']]);
    expect([stage.bus.sends, other.sends]).toEqual([1, 1]);
  });

  test('whoever has left gets nothing, and a former visit does not take the name along', async () => {
    const { stage, ada, bob } = await three();
    stage.leave(bob);
    ada.send('x', { to: ['bob'] });
    bob.send('from the grave');
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'not-found', left: ['bob'] }]);
    expect(ada.heard).toEqual([]);
    expect(bob.heard).toEqual([]);
  });
});

describe('what is refused', () => {
  const file = (size: number): ClientMessageHeader => ({
    to: ['bob'],
    file: { type: 'offer', fileId: 'f', name: 'n', mimeType: '', size },
  });

  test.each<[string, string, ClientMessageHeader, number]>([
    ['a message larger than the limit', 'message-too-large', {}, 1025],
    ['somebody who is not there', 'not-found', { to: ['bob', 'nobody', 'p-nobody'] }, 5],
    ['oneself', 'bad-request', { to: ['ada'] }, 5],
    ['oneself by id', 'bad-request', { to: ['bob', 'p-ada'] }, 5],
    ['a file larger than the limit', 'message-too-large', file(10_001), 0],
    [
      'a piece beyond the limit',
      'message-too-large',
      { to: ['bob'], file: { type: 'chunk', fileId: 'f', offset: 9999 } },
      2,
    ],
    ['a file for all', 'bad-request', { file: { type: 'accept', fileId: 'f' } }, 0],
  ])('%s, and nobody gets it', async (_, code, header, size) => {
    const { stage, ada, bob, cyd } = await three({ maxDataBytes: 1024, maxFileBytes: 10_000 });
    const id = ada.send(size, header);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ messageIds: [id], code }]);
    expect(ada.settled).toEqual([]);
    expect([...bob.heard, ...cyd.heard]).toEqual([]);
  });

  test('those who are not there are named', async () => {
    const { stage, ada } = await three();
    ada.send('x', { to: ['bob', 'nobody', 'p-nobody'] });
    await stage.answers();
    expect(ada.refused[0]?.left).toEqual(['nobody', 'p-nobody']);
  });

  test('files at all, where the server takes none', async () => {
    const { stage, ada, bob } = await three({ maxFileBytes: 0 });
    ada.send('', file(0));
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'message-too-large' }]);
    expect(bob.heard).toEqual([]);
  });

  test('a sender without the right, from the moment on in which it is taken away', async () => {
    const { stage, ada, bob } = await three();
    ada.send('before');
    stage.silenced.add('p-ada');
    ada.send('after');
    ada.send('lossy', {}, 'lossy');
    await stage.answers();
    expect(ada.refused.map(({ code }) => code)).toEqual(['forbidden']);
    expect(ada.refused[0]?.messageIds).toEqual([2, 3]);
    expect(bob.texts).toEqual(['before']);
  });

  test('a message id that is still under way, or none', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    await stage.join('bob', { open: false });
    for (const messageId of [5, 5, 0]) {
      ada.line.say('reliable', clientFrameCodec.encode('message', messageId, { to: ['bob'] }));
    }
    await stage.answers();
    expect(ada.refused).toMatchObject([
      { messageIds: [5], code: 'conflict' },
      { messageIds: [0], code: 'bad-request' },
    ]);
  });

  test('everything, where the server has a bug: it is logged, and the server lives on', async () => {
    const { stage, ada, bob } = await three();
    stage.broken = true;
    ada.send('x');
    ada.send('x', {}, 'lossy');
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'internal', messageIds: [1, 2] }]);
    expect(stage.logged).toHaveLength(2);
    stage.broken = false;
    ada.send('fine');
    expect(bob.texts).toEqual(['fine']);
  });

  test('credit on the lossy channel', async () => {
    const { stage, ada } = await three();
    ada.line.say('lossy', clientFrameCodec.encode('taken', 0, { bytes: 1 }));
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'bad-request' }]);
  });

  test('a flood of noise is answered a while, then not even read; afterwards all is well again', async () => {
    const { stage, ada, bob } = await three();
    const noise = new Uint8Array([9, 0, 0, 0, 1, 0, 0]);
    for (let times = 0; times < 1000; times += 1) ada.line.say('reliable', noise);
    await stage.answers();
    expect(ada.refused.flatMap(({ messageIds }) => messageIds)).toHaveLength(50);
    expect(ada.line.muted).toEqual(new Set(['reliable']));
    ada.send('lost');
    stage.clock.advance(1000);
    ada.send('heard');
    expect(bob.texts).toEqual(['heard']);
  });

  test('any noise at all harms nobody', async () => {
    const kinds = fc.constantFrom('reliable' as const, 'lossy' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 60 }))), async (noise) => {
        const { stage, ada, bob, cyd } = await three();
        for (const [kind, bytes] of noise) ada.line.say(kind, bytes);
        bob.send('still here');
        await stage.answers();
        expect(cyd.texts).toContain('still here');
        expect(bob.refused).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the rate', () => {
  const rate = { bitrate: 80_000, messages: 10 };

  test('reliable messages are slowed down and keep their order', async () => {
    const { stage, ada, bob } = await three({ rate });
    for (let index = 0; index < 25; index += 1) ada.send(String(index));
    expect(bob.heard).toHaveLength(10);
    stage.clock.advance(1000);
    expect(bob.heard).toHaveLength(20);
    stage.clock.advance(1000);
    expect(bob.texts).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
    await stage.answers();
    expect(ada.settled).toHaveLength(25);
  });

  test('bytes count, too', async () => {
    const { stage, ada, bob } = await three({ rate: { ...rate, messages: 1000 } });
    for (let index = 0; index < 6; index += 1) ada.send(5000);
    expect(bob.heard).toHaveLength(1);
    stage.clock.advance(900);
    expect(bob.heard).toHaveLength(3);
    stage.clock.advance(1700);
    expect(bob.heard).toHaveLength(6);
  });

  test('lossy messages beyond it are refused', async () => {
    const { stage, ada, bob } = await three({ rate });
    for (let index = 0; index < 15; index += 1) ada.send('x', {}, 'lossy');
    await stage.answers();
    expect(bob.heard).toHaveLength(10);
    expect(ada.refused).toMatchObject([{ code: 'rate-limited', messageIds: [11, 12, 13, 14, 15] }]);
  });

  test('a client that does not keep to its window is refused', async () => {
    const { stage, ada, bob } = await three({ rate: { bitrate: 8_000, messages: 1000 } });
    const sent = 2 * Math.ceil(senderWindowBytes / 60_000);
    for (let index = 0; index < sent; index += 1) ada.send(60_000);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'rate-limited' }]);
    // The first goes at once, the others wait for the rate: at most a window of them.
    expect(bob.heard).toHaveLength(1);
    expect(ada.refused[0]?.messageIds.length).toBeGreaterThan(sent / 2 - 2);
  });
});

test('nothing runs on when all have left: no timer, no answer', async () => {
  const { stage, ada, bob, cyd } = await three({ rate: { bitrate: 80_000, messages: 1 } });
  for (let index = 0; index < 5; index += 1) ada.send('x');
  for (let times = 0; times < 100; times += 1) bob.line.say('reliable', new Uint8Array(3));
  for (const talker of [ada, bob, cyd]) stage.leave(talker);
  expect(stage.clock.pending).toBe(0);
  await stage.answers();
  expect(stage.clock.pending).toBe(0);
});

test('closing the relay ends everything', async () => {
  const { stage, ada, bob } = await three();
  stage.relay.close();
  ada.send('x');
  expect(bob.heard).toEqual([]);
  expect(stage.clock.pending).toBe(0);
});
