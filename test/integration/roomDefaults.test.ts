import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { roomSettings } from '../../src/protocol/index.ts';
import { apiOf } from '../support/apiStage.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { wideLimits } from '../support/wideLimits.ts';

const defaults = roomSettings.parse({ lobby: true, startMuted: true, maxDurationSeconds: 3600 });
const stage = setStage({ config: { ...wideLimits, roomSettings: defaults } });

test('a room that a join makes is set up as the server says, and one of the API as far as it does not say otherwise', async () => {
  const token = await createAccessToken(testSecret, { room: 'met', identity: 'mod', grants: { moderator: true } });
  const mod = await (await stage.clientWith(token)).join();
  expect(mod.room.settings).toEqual(defaults);
  expect(mod.room.endsAt).toBeGreaterThan(Date.now());
  const stranger = await stage.client('met', 'ada');
  expect(await stranger.ask('join', requestExamples.join())).toMatchObject({ error: { code: 'in-lobby' } });

  const api = apiOf(stage);
  expect((await api.createRoom({ name: 'plain' })).settings).toEqual(defaults);
  const { settings } = await api.createRoom({ name: 'own', settings: { lobby: false, maxDurationSeconds: null } });
  expect(settings).toMatchObject({ lobby: false, startMuted: true });
  expect(settings).not.toHaveProperty('maxDurationSeconds');
  const { endsAt, settings: told } = (await stage.joined('own', 'bob')).answer.room;
  expect([endsAt, told]).toEqual([undefined, settings]);
  for (const name of ['plain', 'own']) await api.endRoom(name);
});
