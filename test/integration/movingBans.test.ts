import { expect, test } from 'vitest';
import { apiOf } from '../support/apiStage.ts';
import { moversOn } from '../support/movers.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** Who is banned in a room to which it was moved. */

const stage = setStage();
const { tokenOf, enters, host, hostIn, asks, moves, follows, roomOf } = moversOn(stage);

test('does not come into the main room with a token made since; with those of before when the ban is lifted there', async () => {
  const [boss, mod, ada] = [await hostIn('school--1'), await host(), await enters('ada')];
  await moves(mod, ada, 'school--1');
  await follows(ada, 'school--1');
  const kept = await tokenOf('ada');
  const { participantId } = ada.answer;
  expect(await asks(boss, { action: 'remove', participantId, ban: true })).toMatchObject({ ok: true });
  await ada.next('removed');
  await expect(enters('ada')).rejects.toMatchObject({ code: 'forbidden' });
  const refused = expect.objectContaining({ data: expect.objectContaining({ code: 'unauthorized' }) });
  await expect(stage.clientWith(kept)).rejects.toEqual(refused);
  expect((await mod.request('listBans', {})).bans).toMatchObject([{ identity: 'ada', by: { identity: 'boss' } }]);
  expect(await asks(mod, { action: 'unban', identity: 'ada' })).toMatchObject({ ok: true });
  expect(await boss.request('listBans', {})).toEqual({ bans: [] });
  await (await stage.clientWith(kept)).join();
});

test('does not come into a main room that had ended by then, until no room of the family is left', async () => {
  const [boss, ada] = [await hostIn('school--1'), await enters('ada')];
  await apiOf(stage).moveParticipant('school', ada.answer.participantId, 'school--1');
  await follows(ada, 'school--1');
  await waitFor('the end of the main room', () => roomOf('school') === undefined);
  const kept = await tokenOf('ada');
  const { participantId } = ada.answer;
  expect(await asks(boss, { action: 'remove', participantId, ban: true })).toMatchObject({ ok: true });
  await ada.next('removed');
  await expect(enters('ada')).rejects.toMatchObject({ code: 'forbidden' });
  boss.close();
  await waitFor('the end of the family', () => stage.server.app.registry.rooms.length === 0);
  await (await stage.clientWith(kept)).join();
});

test('comes into the main room where an application has banned it whose token is for the breakout alone', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  await moves(mod, ada, 'school--1');
  await follows(ada, 'school--1');
  const confined = apiOf(stage, { participants: 'write', onlyRooms: ['school--1'] });
  await confined.removeParticipant('school--1', ada.answer.participantId, { ban: true });
  await ada.next('removed');
  await enters('ada');
  expect(await mod.request('listBans', {})).toEqual({ bans: [] });
});
