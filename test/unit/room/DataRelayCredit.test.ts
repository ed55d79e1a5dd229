import { describe, expect, test } from 'vitest';
import { receiverWindowBytes, stallMs } from '../../../src/protocol/index.ts';
import { DataStage, three } from '../../support/DataTalker.ts';

describe('credit', () => {
  const large = 60_000;

  test('a receiver that takes nothing gets one window, and its sender no answer to what is more', async () => {
    const { stage, ada, bob } = await three();
    for (let index = 0; index < 4; index += 1) ada.send(large, { to: ['bob'] });
    await stage.answers();
    expect(ada.settled).toEqual([1, 2, 3, 4]);
    for (let index = 0; index < 4; index += 1) ada.send(large, { to: ['bob'] });
    await stage.answers();
    expect(bob.received).toBeLessThanOrEqual(receiverWindowBytes);
    expect(bob.heard).toHaveLength(4);
    expect(ada.settled).toHaveLength(4);
    bob.take(bob.received / 2);
    await stage.answers();
    expect(bob.heard).toHaveLength(6);
    expect(ada.settled).toHaveLength(6);
  });

  test('a slow receiver does not keep messages from others, only from being settled', async () => {
    const { stage, ada, bob, cyd } = await three();
    for (let index = 0; index < 4; index += 1) ada.send(large);
    await stage.answers();
    bob.take();
    ada.send('next');
    ada.send(large);
    expect(bob.heard).toHaveLength(6);
    expect(cyd.heard).toHaveLength(5);
    await stage.answers();
    expect(ada.settled).toEqual([1, 2, 3, 4, 5]);
    cyd.take();
    await stage.answers();
    expect(ada.settled).toEqual([1, 2, 3, 4, 5, 6]);
    expect(cyd.heard).toHaveLength(6);
  });

  test('who takes nothing for too long holds up nobody: the sender is told whom it did not reach, and the receiver what it missed', async () => {
    const { stage, ada, bob, cyd } = await three();
    for (let index = 0; index < 4; index += 1) ada.send(large);
    await stage.answers();
    cyd.take();
    ada.send(large);
    ada.send('small');
    stage.clock.advance(stallMs - 100);
    await stage.answers();
    expect(ada.settled).toHaveLength(4);
    stage.clock.advance(100);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'not-delivered', messageIds: [5, 6], recipients: ['p-bob'] }]);
    expect(cyd.texts).toContain('small');
    // From now on at once, until it takes something again.
    ada.send('later');
    await stage.answers();
    expect(ada.refused[1]).toMatchObject({ messageIds: [7], recipients: ['p-bob'] });
    bob.take();
    expect(bob.missed).toBe(3);
    ada.send('again');
    await stage.answers();
    expect(bob.texts.at(-1)).toBe('again');
    expect(ada.settled).toContain(8);
  });

  test('taking something in time keeps it from being given up, however slow it is', async () => {
    const { stage, ada, bob } = await three();
    for (let index = 0; index < 8; index += 1) ada.send(large, { to: ['bob'] });
    for (let step = 1; step <= 8; step += 1) {
      stage.clock.advance(stallMs - 1000);
      bob.take(bob.received - receiverWindowBytes + 30_000 * step);
      await stage.answers();
    }
    bob.take();
    await stage.answers();
    expect(ada.refused.filter(({ code }) => code === 'not-delivered')).toEqual([]);
    expect(ada.settled.length + ada.refused.flatMap(({ messageIds }) => messageIds).length).toBe(8);
  });

  test('credit that was never sent is not believed', async () => {
    const { stage, ada, bob } = await three();
    bob.take(1e12);
    for (let index = 0; index < 8; index += 1) ada.send(large, { to: ['bob'] });
    await stage.answers();
    expect(bob.heard).toHaveLength(4);
  });

  test('a message larger than the window goes when the window is empty', async () => {
    const { ada, bob } = await three({ maxDataBytes: 300_000 });
    ada.send('x');
    ada.send(receiverWindowBytes);
    expect(bob.texts).toEqual(['x']);
    bob.take();
    expect(bob.heard).toHaveLength(2);
  });

  test('when the receiver leaves, what was only for it is not delivered, and what was for all is settled', async () => {
    const { stage, ada, bob } = await three();
    for (let index = 0; index < 4; index += 1) ada.send(large, { to: ['bob'] });
    await stage.answers();
    ada.send('all');
    ada.send(large, { to: ['bob'] });
    stage.leave(bob);
    await stage.answers();
    expect(ada.settled).toEqual([1, 2, 3, 4, 5]);
    const refusal = { code: 'not-delivered', messageIds: [6], left: ['bob'] };
    expect(ada.refused).toMatchObject([refusal]);
  });

  test('who is heard from another address is waited for once more, since its network was broken', async () => {
    const { stage, ada, bob } = await three();
    for (let index = 0; index < 5; index += 1) ada.send(large, { to: ['bob'] });
    stage.clock.advance(stallMs - 100);
    bob.transport.tellMoved();
    stage.clock.advance(stallMs - 100);
    await stage.answers();
    expect(ada.refused).toEqual([]);
    bob.take();
    await stage.answers();
    expect(ada.settled).toEqual([1, 2, 3, 4, 5]);
  });

  test('of several who were named, the sender is told who left, by the name that it used', async () => {
    const { stage, ada, bob, cyd } = await three();
    for (let index = 0; index < 5; index += 1) ada.send(large, { to: ['bob', 'p-cyd', 'p-bob'] });
    await stage.answers();
    cyd.take();
    stage.leave(bob);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ messageIds: [5], left: ['bob', 'p-bob'] }]);
    expect(cyd.heard).toHaveLength(5);
  });

  test('when the sender leaves, what it has sent still arrives', async () => {
    const { stage, ada, bob } = await three();
    for (let index = 0; index < 4; index += 1) ada.send(large, { to: ['bob'] });
    await stage.answers();
    ada.send('last words', { to: ['bob'] });
    stage.leave(ada);
    bob.take();
    expect(bob.texts.at(-1)).toBe('last words');
  });
});

describe('those who have just come', () => {
  test('what is for all waits for them, and does not hold up the sender', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const bob = await stage.join('bob', { open: false });
    ada.send('hello');
    ada.send('you', { to: ['bob'] });
    await stage.answers();
    expect(ada.settled).toEqual([1]);
    expect(bob.heard).toEqual([]);
    bob.take();
    await stage.answers();
    expect(bob.texts).toEqual(['hello', 'you']);
    expect(ada.settled).toEqual([1, 2]);
  });

  test('lossy messages do not wait', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const bob = await stage.join('bob', { open: false });
    ada.send('hello', {}, 'lossy');
    bob.take();
    expect(bob.heard).toEqual([]);
  });

  test('who never opens its channels takes no part, and cannot be sent to', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const bob = await stage.join('bob', { open: false });
    ada.send('early', { to: ['bob'] });
    stage.clock.advance(15_000);
    ada.send('all');
    ada.send('one', { to: ['bob'] });
    await stage.answers();
    expect(ada.settled).toEqual([2]);
    expect(ada.refused).toMatchObject([{ code: 'not-delivered', messageIds: [1, 3], recipients: ['bob'] }]);
    // Late, but there.
    bob.take();
    ada.send('now');
    expect(bob.texts).toEqual(['now']);
    expect(bob.missed).toBe(2);
  });

  test('early messages for all are held up to a window, no more', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    await stage.join('bob', { open: false });
    for (let index = 0; index < 6; index += 1) {
      ada.send(60_000);
      await stage.answers();
    }
    expect(ada.settled).toEqual([1, 2, 3, 4]);
  });

  test('who leaves before its channels were made is not added', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const { promise, resolve } = Promise.withResolvers<void>();
    const joining = stage.join('bob', { opened: promise, leaves: true });
    resolve();
    await joining;
    ada.send('x', { to: ['bob'] });
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'not-found' }]);
  });
});
