import { expect, test } from 'vitest';
import { receiverWindowBytes, stallMs } from '../../../src/protocol/index.ts';
import { DataReceiver } from '../../../src/room/DataReceiver.ts';
import { Delivery } from '../../../src/room/Delivery.ts';
import { FakeClock } from '../../support/FakeClock.ts';

/** A receiver whose client is the test. */
function receiving({ opened = true } = {}) {
  const clock = new FakeClock();
  const sent: Uint8Array[] = [];
  const receiver = new DataReceiver({
    participantId: 'p',
    clock,
    send: (frame) => void sent.push(frame),
    missed: () => undefined,
  });
  if (opened) receiver.taken(0);
  const give = (frame: Uint8Array) => {
    const claimed = receiver.claim(frame);
    if (claimed) sent.push(frame);
    return claimed;
  };
  return { clock, sent, receiver, give };
}

const frames = (count: number, bytes = 100) => Array.from({ length: count }, () => new Uint8Array(bytes));

test('what was not taken when the channels went is sent again, in order and nothing twice', () => {
  const { clock, sent, receiver, give } = receiving();
  const [one, two, three] = frames(3);
  if (!one || !two || !three) throw new Error('three frames');
  for (const frame of [one, two]) expect(give(frame)).toBe(true);
  receiver.taken(100);
  receiver.interrupt();
  sent.length = 0;
  expect(give(three)).toBe(false);
  const missing: string[][] = [];
  const delivery = new Delivery(three, false, (missed) => void missing.push([...missed]));
  receiver.wait(delivery);
  delivery.done();
  expect(sent).toEqual([]);
  // As before: it had taken the first only.
  receiver.taken(100);
  expect(sent).toHaveLength(2);
  expect(sent[0]).toBe(two);
  expect(sent[1]).toBe(three);
  expect(missing).toEqual([[]]);
  expect(clock.pending).toBe(0);
});

test('what was taken and not told of before is not sent again', () => {
  const { sent, receiver, give } = receiving();
  for (const frame of frames(3)) give(frame);
  receiver.interrupt();
  sent.length = 0;
  receiver.taken(300);
  expect(sent).toEqual([]);
  expect(give(new Uint8Array(receiverWindowBytes))).toBe(true);
});

test('who does not open other channels in time takes no part, and the senders are told', () => {
  const { clock, receiver } = receiving();
  receiver.interrupt();
  const missing: string[][] = [];
  const delivery = new Delivery(new Uint8Array(10), false, (missed) => void missing.push([...missed]));
  receiver.wait(delivery);
  delivery.done();
  clock.advance(15_000);
  expect(missing).toEqual([['p']]);
  expect(receiver.state).toBe('absent');
});

test.each([
  ['is not missing where somebody has never taken part', false, [[]]],
  ['is missing where the channels of somebody went and do not come back', true, [['p']]],
])('a message for all %s', (_, opened, expected) => {
  const { clock, receiver } = receiving({ opened });
  receiver.interrupt();
  const missing: string[][] = [];
  // More than a newcomer may have waiting without holding up the others.
  for (const frame of frames(3, receiverWindowBytes / 2)) {
    const delivery = new Delivery(frame, true, (missed) => void missing.push([...missed]));
    receiver.wait(delivery);
    delivery.done();
  }
  expect(missing).toEqual([[], []]);
  clock.advance(15_000);
  expect(receiver.state).toBe('absent');
  expect(missing.slice(2)).toEqual(expected);
});

test('whose network was broken has the time to take something once more, and once only', () => {
  const { clock, receiver, give } = receiving();
  give(new Uint8Array(receiverWindowBytes));
  const missing: string[][] = [];
  const wait = () => {
    const delivery = new Delivery(new Uint8Array(100), false, (missed) => void missing.push([...missed]));
    receiver.wait(delivery);
    delivery.done();
  };
  wait();
  clock.advance(stallMs - 1);
  receiver.excuse();
  clock.advance(stallMs - 1);
  receiver.excuse();
  expect(receiver.state).toBe('open');
  clock.advance(1);
  expect(receiver.state).toBe('stalled');
  expect(missing).toEqual([['p']]);
  receiver.taken(receiverWindowBytes);
  give(new Uint8Array(receiverWindowBytes));
  wait();
  clock.advance(stallMs - 1);
  receiver.excuse();
  clock.advance(stallMs - 1);
  expect(receiver.state).toBe('open');
  receiver.taken(2 * receiverWindowBytes);
  expect(missing).toEqual([['p'], []]);
  expect(clock.pending).toBe(0);
});
