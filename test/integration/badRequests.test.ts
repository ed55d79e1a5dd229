import { expect, test } from 'vitest';
import { type RequestName, requests } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { mutations } from '../support/mutations.ts';
import { newRequestId } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { wideLimits } from '../support/wideLimits.ts';

// Whom the server throws out is not waited for: nobody here comes back.
const stage = setStage({ config: { ...wideLimits, resumeGrace: 0 } });

const names = Object.keys(requests) as RequestName[];
const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });

const wrongValues = [
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  'a b',
  'x'.repeat(60_000),
  'line\u0000feed\u001b[31m\u202e',
  [],
  {},
  [[]],
  { nested: { nested: {} } },
];

test.each(['nonsense', 'toString', '__proto__', 'constructor', 'welcome', 'error', '', 'x'.repeat(10_000)])(
  'an unknown request is refused: %.20s',
  async (name) => {
    const ada = await stage.client('unknown', 'ada');
    expect(await ada.ask(name, {})).toEqual(refused('unknown-request'));
    await ada.join();
    expect(await ada.ask(name, {})).toEqual(refused('unknown-request'));
  },
);

const lengthOf = (value: unknown) => JSON.stringify(value ?? null).length;

/** For several clients: of one so much is not read at once. */
function inParts<T extends { value: unknown }>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const each of all) {
    length += lengthOf(each.value);
    if (length > 3_000_000) {
      parts.push([]);
      length = lengthOf(each.value);
    }
    parts.at(-1)?.push(each);
  }
  return parts;
}

test.each(names)('%s of a wrong shape is refused and changes nothing', async (name) => {
  const wrong = mutations(requestExamples[name](), wrongValues).filter(
    // Elsewhere it says what the shape is; here it is only asked whether the server keeps to it. What is too long to be
    // read at all has tests of its own.
    ({ value }) =>
      !requests[name].params.safeParse(JSON.parse(JSON.stringify(value ?? null))).success && lengthOf(value) < 130_000,
  );
  expect(wrong.length).toBeGreaterThan(10);
  const parts = inParts(wrong);
  const clients = await Promise.all(parts.map((_part, index) => stage.joined('shapes', `ada-${index}`)));
  const bob = await stage.joined('shapes', 'bob');
  const answers = await Promise.all(
    parts.flatMap((part, index) =>
      part.map(async ({ what, value }) => ({ what, ...(await clients[index]?.ask(name, value)) })),
    ),
  );
  const codes = new Set(['bad-request', 'message-too-large']);
  expect(answers.filter(({ error }) => !codes.has(error?.code ?? ''))).toEqual([]);
  for (const { error } of answers) expect(error?.message.length).toBeLessThanOrEqual(500);
  await clients[0]?.request('sendChat', { requestId: newRequestId(), text: 'still here' });
  await bob.next('chat');
  // Nothing but his own arrival, and perhaps that of the last one before him.
  const seen = bob.notices.filter(({ name: notice }) => notice !== 'welcome' && notice !== 'chat');
  expect(seen.length).toBeLessThanOrEqual(1);
  const arrived = bob.received('roomChanged').flatMap(({ participants }) => participants ?? []);
  expect(arrived.filter(({ identity }) => !identity.startsWith('ada-'))).toMatchObject(
    seen.map(() => ({ identity: 'bob' })),
  );
});

test.each(names.filter((name) => requests[name].allowed === 'joined'))(
  '%s before the join is refused',
  async (name) => {
    const ada = await stage.client('phase', 'ada');
    expect(await ada.ask(name, requestExamples[name]())).toEqual(refused('wrong-phase'));
    expect(stage.server.app.registry.rooms).toEqual([]);
  },
);

test('leave is allowed before the join', async () => {
  const ada = await stage.client('phase', 'ada');
  expect(await ada.ask('leave', {})).toEqual({ ok: true, data: {} });
});

test('a second join is refused, also while the first is going on', async () => {
  const ada = await stage.client('twice', 'ada');
  const [first, second] = await Promise.all([
    ada.ask('join', requestExamples.join()),
    ada.ask('join', requestExamples.join()),
  ]);
  expect(first.ok).toBe(true);
  expect(second).toEqual(refused('wrong-phase'));
  expect(await ada.ask('join', requestExamples.join())).toEqual(refused('wrong-phase'));
  expect(stage.server.app.registry.participants).toBe(1);
  expect(stage.server.app.engine.status.tally.transports).toBe(2);
});

test('ids of other rooms, of others and of nothing give the same error', async () => {
  const ada = await stage.joined('mine', 'ada');
  const bob = await stage.joined('mine', 'bob');
  const eve = await stage.joined('other', 'eve');
  const { publicationId: bobs } = await bob.request('publish', fakeCamera(newRequestId()));
  const { publicationId: eves } = await eve.request('publish', fakeCamera(newRequestId()));
  for (const name of ['unpublish', 'updatePublication'] as const) {
    const answers = await Promise.all(
      [bobs, eves, 'nothing'].map((publicationId) =>
        ada.ask(name, {
          requestId: newRequestId(),
          publicationId,
          ...(name === 'updatePublication' && { muted: true }),
        }),
      ),
    );
    expect(answers[0]).toEqual(refused('not-found'));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  }
  expect(stage.server.app.engine.status.tally.producers).toBe(2);
});

test("startSubscriptions passes over what is not one's own, as what does not exist", async () => {
  const ada = await stage.joined('mine', 'ada');
  const bob = await stage.joined('mine', 'bob');
  await ada.request('publish', fakeCamera(newRequestId()));
  const [subscription] = (await bob.next('subscriptionsAdded')).subscriptions;
  expect(subscription?.waiting).toBe(true);
  const subscriptionIds = [subscription?.subscriptionId ?? '', 'nothing', bob.answer.participantId];
  expect(await ada.ask('startSubscriptions', { subscriptionIds })).toEqual({ ok: true, data: {} });
  // It still waits: only bob's own request starts it.
  const [consumer, ...others] = stage.consumers;
  expect(others).toEqual([]);
  expect(consumer?.paused).toBe(true);
  expect(await bob.ask('startSubscriptions', { subscriptionIds })).toEqual({ ok: true, data: {} });
  expect(consumer?.paused).toBe(false);
  expect(await bob.ask('startSubscriptions', { subscriptionIds })).toEqual({ ok: true, data: {} });
});

test('a request id used again gets the same answer for the same content, else conflict', async () => {
  const ada = await stage.joined('again', 'ada');
  const bob = await stage.joined('again', 'bob');
  const camera = fakeCamera('camera');
  const [first, second] = await Promise.all([ada.ask('publish', camera), ada.ask('publish', camera)]);
  const third = await ada.ask('publish', camera);
  expect(first.ok).toBe(true);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  expect(stage.server.app.engine.status.tally.producers).toBe(1);
  expect(await ada.ask('publish', { ...camera, width: 640 })).toEqual(refused('conflict'));
  expect(await ada.ask('raiseHand', { requestId: 'camera', raised: true })).toEqual(refused('conflict'));
  // The ids are each client's own.
  expect((await bob.ask('publish', fakeMicrophone('camera'))).ok).toBe(true);
  const chat = await ada.ask('sendChat', { requestId: 'chat', text: 'once' });
  expect(await ada.ask('sendChat', { requestId: 'chat', text: 'once' })).toEqual(chat);
  await ada.request('sendChat', { requestId: 'end', text: 'end' });
  await bob.next('chat', ({ text }) => text === 'end');
  expect(bob.received('chat').map(({ text }) => text)).toEqual(['once', 'end']);
});

test('a join repeated with its id gets the same answer', async () => {
  const ada = await stage.client('again', 'ada');
  const join = requestExamples.join();
  const [first, second] = await Promise.all([ada.ask('join', join), ada.ask('join', join)]);
  expect(first.ok).toBe(true);
  expect(second).toEqual(first);
  expect(await ada.ask('join', join)).toEqual(first);
  expect(stage.server.app.registry.participants).toBe(1);
});

test('keys that reach into prototypes are refused wherever they stand', async () => {
  const ada = await stage.joined('keys', 'ada');
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const poisoned = JSON.parse(`{ "requestId": "k-${key}", "metadata": { "${key}": { "polluted": true } } }`);
    expect(await ada.ask('updateMetadata', poisoned)).toEqual(refused('bad-request'));
    expect(await ada.ask('raiseHand', JSON.parse(`{ "${key}": 1 }`))).toEqual(refused('bad-request'));
    const camera = JSON.stringify(fakeCamera(newRequestId()));
    const inside = JSON.parse(camera.replace('"parameters":{}', `"parameters":{"${key}":"x"}`));
    expect(await ada.ask('publish', inside)).toEqual(refused('bad-request'));
  }
  expect('polluted' in {}).toBe(false);
});

test('a request has one object of params', async () => {
  const ada = await stage.joined('args', 'ada');
  for (const name of names) {
    expect(await ada.ask(name)).toEqual(refused('bad-request'));
    expect(await ada.ask(name, requestExamples[name](), {})).toEqual(refused('bad-request'));
  }
});

test.each(['alone', 'within'])('an attachment closes the connection, and only that one: %s', async (where) => {
  const ada = await stage.joined('attached', 'ada');
  const bob = await stage.joined('attached', 'bob');
  const closed = new Promise((resolve) => ada.socket.once('disconnect', resolve));
  const bytes = new Uint8Array(10);
  ada.socket.emit('sendChat', where === 'alone' ? bytes : { ...requestExamples.sendChat(), extra: bytes });
  await closed;
  expect((await bob.ask('sendChat', requestExamples.sendChat())).ok).toBe(true);
});

test('a request without an ack is handled too', async () => {
  const ada = await stage.joined('silent', 'ada');
  ada.socket.emit('nonsense', {});
  ada.socket.emit('publish', { wrong: true });
  ada.socket.emit('unpublish', requestExamples.unpublish());
  ada.socket.emit('sendChat', { requestId: newRequestId(), text: 'no answer wanted' });
  expect((await ada.next('chat')).text).toBe('no answer wanted');
});

test('deep nesting is refused', async () => {
  const ada = await stage.joined('deep', 'ada');
  const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
  const list = (levels: number) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);
  for (const value of [deep(17), deep(1000), list(17), list(1000)]) {
    expect(await ada.ask('updateMetadata', value)).toEqual(refused('bad-request'));
  }
});

test('above 64 KiB a message is refused, and the socket stays usable', async () => {
  const ada = await stage.joined('large', 'ada');
  const of = (bytes: number) => ({
    requestId: 'large',
    text: 'x'.repeat(bytes - '{"requestId":"large","text":""}'.length),
  });
  expect(await ada.ask('sendChat', of(65_536))).toEqual(refused('bad-request'));
  expect(await ada.ask('sendChat', of(65_537))).toEqual(refused('message-too-large'));
  expect(await ada.ask('sendChat', of(130_000))).toEqual(refused('message-too-large'));
  expect(await ada.ask('sendChat', { requestId: 'large', text: 'é'.repeat(32_800) })).toEqual(
    refused('message-too-large'),
  );
  expect((await ada.ask('sendChat', requestExamples.sendChat())).ok).toBe(true);
});

test('above twice that the socket is closed, and only that one', async () => {
  const ada = await stage.joined('huge', 'ada');
  const bob = await stage.joined('huge', 'bob');
  const closed = new Promise((resolve) => ada.socket.once('disconnect', resolve));
  ada.socket.emit('sendChat', { requestId: 'huge', text: 'x'.repeat(132_000) });
  await closed;
  const { left } = await bob.next('roomChanged', (delta) => delta.left !== undefined);
  expect(left).toEqual([{ participantId: ada.answer.participantId, reason: 'disconnected' }]);
  expect((await bob.ask('sendChat', requestExamples.sendChat())).ok).toBe(true);
});

test.each([
  ['an unknown packet type', '9'],
  ['an unknown socket.io type', '49'],
  ['no JSON', '42["join",{]'],
  ['no event name', '42[]'],
  ['a name that is an object', '42[{"a":1}]'],
  ['a reserved name', '42["disconnect"]'],
  ['attachments that never come', '451-["publish",{"_placeholder":true,"num":0}]'],
  ['attachments without number', '45x-["publish"]'],
  ['a placeholder too high', '451-["publish",{"_placeholder":true,"num":9}]'],
  ['an ack of nothing', '4399[1]'],
  ['another namespace', '40/admin,{"token":"x"}'],
  ['lists nested too deeply to be written again', `420["join",${'['.repeat(60_000)}${']'.repeat(60_000)}]`],
  ['objects nested too deeply to be written again', `420["join",${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}]`],
])('a packet that socket.io never sends harms nobody: %s', async (_what, packet) => {
  const bob = await stage.joined('packets', 'bob');
  const token = await stage.server.token('packets', 'ada');
  const ada = new WebSocket(`${stage.server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await new Promise<void>((resolve) => {
    ada.onmessage = ({ data }) => {
      if (String(data).startsWith('0')) ada.send(`40${JSON.stringify({ token })}`);
      if (String(data).includes('"welcome"')) resolve();
    };
  });
  ada.send(packet);
  ada.send(new Uint8Array([1, 2, 3]));
  ada.close();
  expect((await bob.ask('sendChat', requestExamples.sendChat())).ok).toBe(true);
});
