import { describe, expect, test } from 'vitest';
import { clientFrameCodec, stallMs } from '../../../src/protocol/index.ts';
import { DataStage } from '../../support/DataTalker.ts';

/** What does not fit into one frame must not be thrown away, nor end the server. */
describe('answers that are too long for one frame', () => {
  test('thousands of messages that one who takes nothing does not get', async () => {
    const stage = new DataStage({ rate: { bitrate: 50_000_000, messages: 100_000 } });
    const ada = await stage.join('ada');
    await stage.join('bob');
    const messageIds = Array.from({ length: 12_000 }, (_, index) => 4_000_000_000 + index);
    for (const messageId of messageIds) ada.line.say('reliable', clientFrameCodec.encode('message', messageId, {}));
    await stage.answers();
    stage.clock.advance(stallMs);
    await stage.answers();
    const refused = ada.refused.flatMap((refusal) => refusal.messageIds);
    expect(refused.length).toBeGreaterThan(5000);
    expect([...ada.settled, ...refused]).toEqual(messageIds);
    expect(ada.refused.every(({ recipients }) => recipients?.join() === 'p-bob')).toBe(true);
  });

  test('thousands of messages that are settled at once', async () => {
    const stage = new DataStage({ rate: { bitrate: 50_000_000, messages: 100_000 } });
    const ada = await stage.join('ada');
    await stage.join('bob');
    const messageIds = Array.from({ length: 4000 }, (_, index) => 4_000_000_000 + index);
    for (const messageId of messageIds) ada.line.say('reliable', clientFrameCodec.encode('message', messageId, {}));
    await stage.answers();
    expect([...ada.settled, ...ada.refused.flatMap((refusal) => refusal.messageIds)]).toEqual(messageIds);
  });

  test('as many long names as a message can name, none of them there', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const to = Array.from({ length: 245 }, (_, index) => `${index}`.padStart(127, 'n'));
    expect(clientFrameCodec.encode('message', 1, { to }).byteLength).toBeGreaterThan(31_800);
    ada.send('x', { to });
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'not-found', left: to }]);
  });

  test('many messages to as many long names, none of them there', async () => {
    const stage = new DataStage({ rate: { bitrate: 500_000_000, messages: 100_000 } });
    const ada = await stage.join('ada');
    const to = Array.from({ length: 245 }, (_, index) => `${index}`.padStart(127, 'n'));
    for (let sent = 0; sent < 300; sent += 1) ada.send('x', { to });
    await stage.answers();
    expect(ada.refused.flatMap(({ messageIds }) => messageIds)).toHaveLength(300);
    expect(ada.refused.every(({ left }) => left?.length === to.length)).toBe(true);
  });

  test('more people who did not get it than one frame can name', async () => {
    const stage = new DataStage();
    const ada = await stage.join('ada');
    const names = Array.from({ length: 600 }, (_, index) => `${index}`.padStart(126, 'n'));
    for (const name of names) await stage.join(name);
    for (let index = 0; index < 5; index += 1) ada.send(60_000);
    stage.clock.advance(stallMs);
    await stage.answers();
    expect(ada.refused).toMatchObject([{ code: 'not-delivered', messageIds: [5] }]);
    expect(ada.refused[0]?.recipients?.length).toBeGreaterThan(300);
  });
});
