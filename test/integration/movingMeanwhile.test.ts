import { describe, expect, test } from 'vitest';
import type { MediaRouter } from '../../src/room/ports.ts';
import { holdAnswer } from '../support/holdAnswer.ts';
import { moversOn } from '../support/movers.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';

const stage = setStage();
const { tokenOf, enters, host, asks, moves, follows, roomOf, namesIn } = moversOn(stage);

describe('a move while a join is being worked on', () => {
  test('of the one who is moved: it is refused, and the next connection is for the other room', async () => {
    const mod = await host();
    const { reached, release } = holdAnswer(routerOf('mod'), 'openData');
    const ada = await stage.clientWith(await tokenOf('ada'));
    const joining = ada.ask('join', requestExamples.join());
    await reached;
    const arriving = roomOf('school')?.participants.find(({ identity }) => identity === 'ada');
    const participantId = arriving?.participantId ?? 'nobody';
    expect(await asks(mod, { action: 'move', participantId, room: 'school--1' })).toMatchObject({ ok: true });
    release();
    expect(await joining).toMatchObject({ error: { code: 'closed', retryAfterMs: expect.any(Number) } });
    expect((await enters('ada')).answer.room.room).toBe('school--1');
    expect([namesIn('school'), namesIn('school--1')]).toEqual([['mod'], ['ada']]);
  });

  test('of its other visit: it is refused as well, and does not stay behind', async () => {
    const [mod, ada] = [await host(), await enters('ada')];
    const { reached, release } = holdAnswer(routerOf('mod'), 'createTransport');
    const second = await stage.clientWith(await tokenOf('ada'));
    const joining = second.ask('join', requestExamples.join());
    await reached;
    await moves(mod, ada, 'school--1');
    release();
    expect(await joining).toMatchObject({ error: { code: 'closed', retryAfterMs: expect.any(Number) } });
    await follows(ada, 'school--1');
    expect([namesIn('school'), namesIn('school--1')]).toEqual([['mod'], ['ada']]);
  });
});

function routerOf(identity: string): MediaRouter {
  const router = roomOf('school')?.participants.find((each) => each.identity === identity)?.router;
  if (!router) throw new Error(`${identity} is not in the room`);
  return router;
}
