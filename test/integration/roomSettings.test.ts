import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, type RoomSettings, roomSettings } from '../../src/protocol/index.ts';
import type { Actor } from '../../src/room/Actor.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const application: Actor = { kind: 'application', name: 'Campus' };

async function enter(identity: string, grants: Partial<Grants> = {}): Promise<Joined> {
  const client = await stage.clientWith(await createAccessToken(testSecret, { room: 'room', identity, grants }));
  return Object.assign(client, { answer: await client.join() });
}

const moderatorOf = () => enter('mod', { moderator: true });
const make = (settings: Partial<RoomSettings>) =>
  stage.server.app.registry.create('room', roomSettings.parse(settings));
const screen = () => ({ ...fakeCamera(newRequestId()), source: 'screen' as const });
const set = (who: RawClient, changes: object) =>
  who.ask('moderate', { requestId: newRequestId(), moderation: { action: 'settings', changes } });

test('who comes in hears how the room is set up, and all hear of a change, also who was away meanwhile', async () => {
  const room = make({ maxParticipants: 3, maxDurationSeconds: 3600 });
  const ada = await enter('ada');
  const { settings, endsAt = 0 } = ada.answer.room;
  expect(settings).toEqual(room.settings);
  expect(Math.abs(endsAt - Date.now() - 3_600_000)).toBeLessThan(60_000);
  room.changeSettings({ startMuted: true, maxDurationSeconds: null }, application);
  const told = await ada.next('roomChanged', (delta) => delta.settings !== undefined);
  expect(told).toMatchObject({ settings: { maxParticipants: 3, startMuted: true }, endsAt: null });
  const bob = await enter('bob');
  expect(bob.answer.room.settings).toEqual(told.settings);
  expect(bob.answer.room).not.toHaveProperty('endsAt');
});

test('moderators change what is theirs to change, and nothing else', async () => {
  const [mod, ada] = [await moderatorOf(), await enter('ada')];
  expect(await set(ada, { startMuted: true })).toMatchObject({ error: { code: 'forbidden' } });
  for (const changes of [{ maxParticipants: 9 }, { maxDurationSeconds: null }, { locked: true }]) {
    expect(await set(mod, changes)).toMatchObject({ error: { code: 'bad-request' } });
  }
  expect(await set(mod, { startMuted: true, screenShare: 'moderators' })).toMatchObject({ ok: true });
  const { settings } = await ada.next('roomChanged', (delta) => delta.settings !== undefined);
  expect(settings).toMatchObject({ startMuted: true, screenShare: 'moderators', locked: false });
});

describe('where only moderators share their screens', () => {
  test('shares of others end for everybody, who shared hears by whom, and no new one begins', async () => {
    const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
    const { publicationId } = await ada.request('publish', screen());
    const camera = await ada.request('publish', fakeCamera(newRequestId()));
    const own = await mod.request('publish', screen());
    await set(mod, { screenShare: 'moderators' });
    expect(await ada.next('unpublished')).toMatchObject({ publicationId, by: { identity: 'mod' } });
    const gone = (id: string) => (delta: { unpublished?: { publicationId: string }[] | undefined }) =>
      delta.unpublished?.some((each) => each.publicationId === id) === true;
    await bob.next('roomChanged', gone(publicationId));
    expect(await ada.ask('publish', screen())).toMatchObject({ error: { code: 'forbidden' } });
    const update = { requestId: newRequestId(), publicationId: camera.publicationId, muted: true };
    await ada.request('updatePublication', update);

    // With moderation goes the share, and with the setting the ban.
    const { participantId } = mod.answer;
    await enter('max', { moderator: true }).then((max) =>
      max.request('moderate', {
        requestId: newRequestId(),
        moderation: { action: 'grant', participantId, changes: { moderator: false } },
      }),
    );
    await bob.next('roomChanged', gone(own.publicationId));
    stage.server.app.registry.find('room')?.changeSettings({ screenShare: 'everybody' }, application);
    expect(await ada.ask('publish', screen())).toMatchObject({ ok: true });
  });

  test('who ends them may be the server of the application', async () => {
    const room = make({});
    const ada = await enter('ada');
    await ada.request('publish', screen());
    room.changeSettings({ screenShare: 'moderators' }, application);
    expect((await ada.next('unpublished')).by).toEqual({ displayName: 'Campus' });
  });
});

test('who comes in is muted at first, in the answer and for the others, and unmutes by themselves', async () => {
  make({ startMuted: true });
  const [ada, bob] = [await enter('ada'), await enter('bob')];
  const { publicationId, muted } = await ada.request('publish', fakeMicrophone(newRequestId()));
  expect(muted).toBe(true);
  const lastTold = () =>
    bob
      .received('roomChanged')
      .flatMap(({ publications = [] }) => publications)
      .findLast((each) => each.publicationId === publicationId);
  await waitFor('the others to hear of it', () => lastTold()?.muted === true);
  await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted: false });
  await waitFor('her to be heard', () => lastTold()?.muted === false);
  expect(await ada.request('publish', fakeCamera(newRequestId()))).toMatchObject({ muted: false });
});

test('a room takes as many as it says; who is there comes back', async () => {
  const room = make({ maxParticipants: 2 });
  const ada = await enter('ada');
  await enter('bob');
  await expect(enter('cyd')).rejects.toMatchObject({ code: 'room-full' });
  room.changeSettings({ maxParticipants: 1 }, application);
  const again = await enter('ada');
  expect(await ada.next('removed')).toMatchObject({ reason: 'replaced' });
  await again.request('leave', {});
  await expect(enter('ada')).rejects.toMatchObject({ code: 'room-full' });
});

test('a room that stays for those who come back ends when it is to wait no longer', async () => {
  const room = make({ emptyTimeoutSeconds: 3600 });
  await (await enter('bob')).request('leave', {});
  expect(stage.server.app.registry.rooms).toEqual([room]);
  room.changeSettings({ emptyTimeoutSeconds: 0 }, application);
  await waitFor('the room to end', () => stage.server.app.registry.rooms.length === 0);
  await enter('ada');
});
