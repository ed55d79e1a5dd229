import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/room/Actor.ts';
import { moversOn } from '../support/movers.ts';
import type { RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';

const stage = setStage();
const { enters, host, hostIn, asks, moves, follows, roomOf, namesIn } = moversOn(stage);

describe('who moderates one room of a family only', () => {
  test('moves nobody, and does not go anywhere: that takes a token for the main room', async () => {
    const [mod, ada] = [await host('school--1'), await enters('ada', {}, 'school--1')];
    await enters('boss', { moderator: true }, 'school--2');
    expect(mod.answer.room.ofMainRoom).toBe(false);
    for (const room of ['school--2', 'school--3', 'school', 'elsewhere']) {
      for (const { participantId } of [mod.answer, ada.answer]) {
        const { error } = await asks(mod, { action: 'move', participantId, room });
        expect(error).toMatchObject({ code: 'forbidden', message: expect.stringContaining('ask the application') });
      }
    }
    expect(stage.server.app.registry.rooms.map(({ name }) => name).toSorted()).toEqual(['school--1', 'school--2']);
    expect([namesIn('school--1'), namesIn('school--2')]).toEqual([['ada', 'mod'], ['boss']]);
  });

  test('does not moderate where it is moved to, but where it came from, and where the application moves it', async () => {
    const [boss, mod] = [await hostIn('school--1'), await host('school--1')];
    expect(boss.answer.room.ofMainRoom).toBe(true);
    await moves(boss, mod, 'school--2');
    await follows(mod, 'school--2');
    expect(mod.received('welcome').at(-1)?.grants.moderator).toBe(false);
    expect(await asks(mod, { action: 'lock', locked: true })).toMatchObject({ error: { code: 'forbidden' } });
    // Nor with a token that was made after that.
    const again = await host('school--1');
    expect(again.answer.room.room).toBe('school--2');
    expect(again.answer.room.participants).toMatchObject([{ identity: 'mod', moderator: false }]);

    await moves(boss, boss, 'school--2');
    await follows(boss, 'school--2');
    await moves(boss, again, 'school--1');
    await follows(again, 'school--1');
    expect(await asks(again, { action: 'lock', locked: true })).toMatchObject({ ok: true });
    const application: Actor = { kind: 'application', name: 'Campus' };
    const { participantId } = again.answer;
    await roomOf('school--1')?.moderation.act(application, { action: 'move', participantId, room: 'elsewhere' });
    await follows(again, 'elsewhere');
    expect(await asks(again, { action: 'lock', locked: true })).toMatchObject({ ok: true });
  });

  test('hands its moderation to nobody of other rooms, who would have it there as well', async () => {
    const [boss, mod, ada] = [await hostIn('school--1'), await host('school--1'), await enters('ada')];
    const own = await enters('own', {}, 'school--1');
    await moves(await enters('chief', { moderator: true }), ada, 'school--1');
    await follows(ada, 'school--1');
    const promotes = (by: RawClient, { participantId }: Joined['answer']) =>
      asks(by, { action: 'grant', participantId, changes: { moderator: true } });
    expect(await promotes(mod, ada.answer)).toMatchObject({ error: { code: 'forbidden' } });
    expect(await promotes(mod, own.answer)).toMatchObject({ ok: true });
    await moves(boss, own, 'school');
    await follows(own, 'school');
    expect(own.received('welcome').at(-1)?.grants.moderator).toBe(false);
    expect(await promotes(boss, ada.answer)).toMatchObject({ ok: true });
    await moves(boss, ada, 'school');
    await follows(ada, 'school');
    expect(ada.received('welcome').at(-1)?.grants.moderator).toBe(true);
  });
});
