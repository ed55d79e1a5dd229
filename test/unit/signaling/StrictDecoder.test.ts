import { expect, test } from 'vitest';
import { StrictDecoder } from '../../../src/signaling/StrictDecoder.ts';
import { Turns } from '../../../src/Turns.ts';
import { FakeClock } from '../../support/FakeClock.ts';

function decoder({ connected = true } = {}) {
  const clock = new FakeClock();
  const later: (() => void)[] = [];
  const turns = new Turns(8, { most: { packets: 100, size: 100_000 }, later: (work) => void later.push(work) });
  const flow: string[] = [];
  const does = (what: string) => () => void flow.push(what);
  const source = { place: 'here', pause: does('pause'), resume: does('resume'), cut: does('cut') };
  const strict = new StrictDecoder({ clock, maxMessageBytes: 1000, turns, source });
  const decoded: { type: number; data?: unknown; id?: number }[] = [];
  strict.on('decoded', (packet) => decoded.push(packet));
  if (connected) strict.add('0{"token":"x"}');
  if (connected) strict.letIn();
  const allTurns = () => {
    while (later.length > 0) for (const work of later.splice(0)) work();
  };
  return { strict, decoded, clock, later, flow, allTurns };
}

test('a connection says who it is, asks, and goes', () => {
  const { strict, decoded } = decoder();
  strict.add('2["leave",{}]');
  strict.add('217["sendChat",{"text":"2[\\"x\\"]"}]');
  strict.add('1');
  expect(decoded.map(({ type, id }) => [type, id])).toEqual([
    [0, undefined],
    [2, undefined],
    [2, 17],
    [1, undefined],
  ]);
});

test.each<[string, unknown]>([
  ['an event with attachments', '51-["publish",{"_placeholder":true,"num":0}]'],
  ['an answer with attachments', '61-0[{"_placeholder":true,"num":0}]'],
  ['an attachment', Buffer.from('x')],
  ['a large attachment', Buffer.alloc(60_000)],
  ['an answer that nobody asked for', '30[{}]'],
  ['an error', '4{"message":"no"}'],
  ['a second handshake', '0{"token":"x"}'],
  ['a second handshake for another namespace', '0/admin,{"token":"x"}'],
  ['an event for another namespace', '2/admin,["leave",{}]'],
  ['a goodbye to another namespace', '1/admin,'],
  ['an event whose name is a number', '2[5,{}]'],
  ['an event without a name', '2[]'],
  ['an event whose name is an object', '2[{}]'],
  ['an event that is no array', '2{"a":1}'],
  ['an event of which socket.io makes another', '2["disconnect"]'],
  ['an event with a number of a thousand digits', `2${'9'.repeat(1000)}["leave",{}]`],
  ['an event that is not complete', '2["leave",{}'],
  ['nothing', ''],
  ['another type', '7'],
  ['a letter', 'x'],
  ['a space', ' '],
  ['no text', { base64: true }],
])('what no client of ours sends closes the connection: %s', (_what, packet) => {
  const { strict, decoded, flow } = decoder();
  expect(() => strict.add(packet)).toThrow();
  expect(decoded).toHaveLength(1);
  expect(flow).toEqual(['cut']);
});

test.each(['2["leave",{}]', '1', '', '3[]'])('nothing is read of somebody who has not said who it is: %j', (packet) => {
  const { strict, decoded, flow } = decoder({ connected: false });
  expect(() => strict.add(packet)).toThrow();
  expect(decoded).toEqual([]);
  expect(flow).toEqual(['cut']);
});

test.each(['2["leave",{}]', '1', '0{"token":"y"}'])('nor while it is looked at who it is: %j', (packet) => {
  const { strict, decoded, flow } = decoder({ connected: false });
  strict.add('0{"token":"x"}');
  expect(() => strict.add(packet)).toThrow();
  expect(decoded).toHaveLength(1);
  expect(flow).toEqual(['cut']);
});

test('a handshake that is too long is read, so that it is said what is wrong', () => {
  const { strict, decoded, flow } = decoder({ connected: false });
  strict.add(`0{"token":"${'x'.repeat(60_000)}"}`);
  expect(decoded).toHaveLength(1);
  expect(flow).toEqual([]);
});

test('the name of another namespace has an end', () => {
  const { strict, decoded } = decoder({ connected: false });
  expect(() => strict.add(`0/${'a'.repeat(17_000)},{}`)).toThrow();
  expect(decoded).toEqual([]);
});

test('more than a client ever sends is not read', () => {
  const { strict, decoded, clock } = decoder();
  const large = `2["sendChat",{"text":"${'x'.repeat(970)}"}]`;
  for (let index = 0; index < 60; index += 1) strict.add(large);
  clock.advance(1000);
  for (let index = 0; index < 16; index += 1) strict.add(large);
  expect(() => {
    for (let index = 0; index < 10; index += 1) strict.add(large);
  }).toThrow('too much');
  expect(decoded.length).toBeLessThan(90);
});

test('what waited for its turn and cannot be read ends the connection; nothing comes after that it is gone', () => {
  const { strict, decoded, later } = decoder();
  for (let index = 0; index < 10; index += 1) strict.add(`2["leave",${index}]`);
  expect(decoded.length).toBe(8);
  strict.add('2["leave",{');
  later.splice(0)[0]?.();
  expect(decoded.length).toBe(12);
  expect(decoded.at(-1)).toEqual({ type: 1, nsp: '/' });
  for (let index = 0; index < 40; index += 1) strict.add(`2["leave",${index}]`);
  const before = decoded.length;
  strict.destroy();
  for (const work of later.splice(0)) work();
  expect(decoded.length).toBe(before);
});

test('who sends more than may wait is cut, and nothing of it is read any more', () => {
  const { strict, decoded, flow, allTurns } = decoder();
  expect(() => {
    for (let index = 0; index < 200; index += 1) strict.add('2["leave",{}]');
  }).toThrow('too much waits');
  expect(flow.at(-1)).toBe('cut');
  expect(() => strict.add('2["leave",{}]')).toThrow();
  const before = decoded.length;
  strict.finish(
    () => expect.unreachable(),
    () => flow.push('done'),
  );
  strict.destroy();
  allTurns();
  expect(decoded).toHaveLength(before);
  expect(flow.at(-1)).toBe('done');
});

test('what had come before the connection was closed is read after that', () => {
  const { strict, flow, allTurns } = decoder();
  for (let index = 0; index < 10; index += 1) strict.add(`2["raiseHand",${index}]`);
  strict.add('2["leave",{}]');
  const late: unknown[] = [];
  strict.removeAllListeners('decoded');
  strict.finish(
    ({ data }) => late.push(data),
    () => flow.push('done'),
  );
  strict.destroy();
  allTurns();
  expect(late).toEqual([
    ['raiseHand', 7],
    ['raiseHand', 8],
    ['raiseHand', 9],
    ['leave', {}],
  ]);
  expect(flow.at(-1)).toBe('done');
});
