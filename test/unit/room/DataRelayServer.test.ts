import { expect, test } from 'vitest';
import { receiverWindowBytes, senderWindowBytes, stallMs } from '../../../src/protocol/index.ts';
import { type DataStage, three } from '../../support/DataTalker.ts';

/** What the application's server sends, over its API. */

const size = 60_000;

const send = ({ relay }: DataStage, to?: string[]) =>
  relay.sendAsServer('reliable', { header: to ? { to } : {}, payload: new Uint8Array(size) });

test('somebody who takes it slowly does not make the server keep more than a window', async () => {
  const { stage, ada, bob, cyd } = await three();
  let sent = 0;
  const sendUntilRefused = () => {
    try {
      for (;;) {
        send(stage);
        sent += 1;
        for (const each of [ada, cyd]) each.take();
      }
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    }
  };
  sendUntilRefused();
  const most = Math.floor((receiverWindowBytes + senderWindowBytes) / size);
  expect(sent).toBeGreaterThan(most / 2);
  expect(sent).toBeLessThanOrEqual(most);
  const before = sent;
  bob.take(size * 2);
  sendUntilRefused();
  expect(sent).toBeGreaterThan(before);
  expect(sent).toBeLessThanOrEqual(before + 3);
});

test('who takes nothing at all holds up the application for ten seconds', async () => {
  const { stage, ada, bob, cyd } = await three();
  const takeAll = () => {
    for (const each of [ada, cyd]) each.take();
  };
  expect(() => {
    for (;;) {
      send(stage);
      takeAll();
    }
  }).toThrow('waits');
  stage.clock.advance(stallMs);
  for (let index = 0; index < 20; index += 1) {
    send(stage);
    takeAll();
  }
  bob.take();
  expect(bob.missed).toBeGreaterThan(20);
});
