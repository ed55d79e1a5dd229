import { type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import type { Grants, ModerationInput } from '../../src/protocol/index.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Who is removed, and with what it comes back. */

const stage = setStage();
const by = { identity: 'mod', displayName: 'Mia' };

interface Person extends Joined {
  token: string;
}

async function enter(identity: string, grants: Partial<Grants> = {}, displayName = identity): Promise<Person> {
  const token = await createAccessToken(testSecret, { room: 'room', identity, displayName, grants });
  const client = await stage.clientWith(token);
  return Object.assign(client, { token, answer: await client.join() });
}

const now = Math.floor(Date.now() / 1000);
const claimsOf = (sub: string) => ({ room: 'room', sub, aud: 'plenum', nbf: now, exp: now + 3600 });
const sign = (made: JWTPayload) =>
  new SignJWT(made).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(testSecret));

const moderatorOf = () => enter('mod', { moderator: true }, 'Mia');
const does = (who: RawClient, moderation: ModerationInput) =>
  who.request('moderate', { requestId: newRequestId(), moderation });
const tries = (who: RawClient, moderation: ModerationInput) =>
  who.ask('moderate', { requestId: newRequestId(), moderation });

describe('who is removed', () => {
  test('hears by whom, and comes back neither by resuming nor with the same token', async () => {
    const [mod, ada] = [await moderatorOf(), await enter('ada')];
    const { resumeKey = '' } = await ada.next('welcome');
    const early = await stage.clientWith(ada.token);
    const left = mod.next('roomChanged', ({ left: gone = [] }) => gone.some(({ reason }) => reason === 'removed'));
    const { participantId } = ada.answer;
    await does(mod, { action: 'remove', participantId, reason: ' Too loud ' });
    const message = 'Mia has removed you from the room: Too loud';
    expect(await ada.next('removed')).toMatchObject({ reason: 'removed', message, by });
    await left;

    const again = RawClient.connect(stage.server.url, ada.token);
    await expect(again).rejects.toMatchObject({ data: { code: 'unauthorized' } });
    const resume = { key: resumeKey, seq: 0, revision: 0 };
    await expect(RawClient.connect(stage.server.url, ada.token, { resume })).rejects.toMatchObject({
      data: { code: 'unauthorized' },
    });
    // A socket that was open before does not help, and a fresh token resumes nothing.
    await expect(early.join()).rejects.toMatchObject({ code: 'unauthorized' });
    const fresh = await createAccessToken(testSecret, { room: 'room', identity: 'ada', ttlSeconds: 60 });
    const client = await stage.clientWith(fresh, { resume });
    expect(await client.next('welcome')).toMatchObject({ session: 'refused' });
    expect(client.received('removed')).toMatchObject([{ reason: 'removed' }]);
    await client.join();
  });

  test('has no use for the tokens that it has kept for later either; the application can give it a new one', async () => {
    const [mod, ada] = [await moderatorOf(), await enter('ada')];
    const claims = claimsOf('ada');
    const kept = await Promise.all([
      createAccessToken(testSecret, { room: 'room', identity: 'ada', ttlSeconds: 86_400 }),
      sign({ ...claims, iat: now - 10 }),
      sign(claims),
    ]);
    const others = await Promise.all([
      createAccessToken(testSecret, { room: 'room', identity: 'bob' }),
      createAccessToken(testSecret, { room: 'elsewhere', identity: 'ada' }),
    ]);
    await does(mod, { action: 'remove', participantId: ada.answer.participantId });
    for (const token of kept) {
      await expect(RawClient.connect(stage.server.url, token)).rejects.toMatchObject({
        data: { code: 'unauthorized' },
      });
    }
    for (const token of others) await stage.clientWith(token);
    // It is made in the same second.
    await enter('ada');
  });

  test('comes back with any token that was not shown when the ban is lifted, or the room has ended', async () => {
    const [mod, ada] = [await moderatorOf(), await enter('ada')];
    // Of an issuer that does not say when it made them.
    const kept = await Promise.all(['one', 'two'].map((jti) => sign({ ...claimsOf('ada'), jti })));
    const [one = '', two = ''] = kept;
    const remove = (participantId: string) => does(mod, { action: 'remove', participantId, ban: true });
    const refused = expect.objectContaining({ data: expect.objectContaining({ code: 'unauthorized' }) });
    await remove(ada.answer.participantId);
    await ada.next('removed');
    await expect(stage.clientWith(one)).rejects.toEqual(refused);
    await does(mod, { action: 'unban', identity: 'ada' });
    const again = await stage.clientWith(one);
    const { participantId } = await again.join();
    await expect(stage.clientWith(ada.token), 'it was shown').rejects.toEqual(refused);
    await remove(participantId);
    await again.next('removed');
    await expect(stage.clientWith(two)).rejects.toEqual(refused);
    await does(mod, { action: 'end' });
    await mod.next('roomClosed');
    await (await stage.clientWith(two)).join();
  });

  test('while it is out of touch hears of it when it comes back, although its token opens nothing any more', async () => {
    const [mod, ada] = [await moderatorOf(), await enter('ada')];
    const { point, token } = ada;
    ada.drop();
    await does(mod, { action: 'remove', participantId: ada.answer.participantId });
    const removed = { seq: expect.any(Number), reason: 'removed', message: expect.stringContaining('Mia'), by };
    await expect(RawClient.connect(stage.server.url, token, { resume: point })).rejects.toMatchObject({
      data: { code: 'unauthorized', removed },
    });
    // Nobody else hears of it.
    const key = { ...point, key: 'another' };
    const refused = await RawClient.connect(stage.server.url, token, { resume: key }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ data: { code: 'unauthorized' } });
    expect(refused).not.toHaveProperty('data.removed');
  });

  test('and banned does not come back with any token, until the room has ended', async () => {
    const [mod, ada] = [await moderatorOf(), await enter('ada')];
    await does(mod, { action: 'remove', participantId: ada.answer.participantId, ban: true, reason: 'Enough' });
    await ada.next('removed');
    await expect(enter('ada', { canChat: false })).rejects.toMatchObject({ code: 'forbidden' });
    const { bans } = await mod.request('listBans', {});
    expect(bans).toEqual([{ identity: 'ada', displayName: 'ada', by, at: expect.any(Number), reason: 'Enough' }]);
    await does(mod, { action: 'unban', identity: 'ada' });
    expect(await mod.request('listBans', {})).toEqual({ bans: [] });
    const again = await enter('ada', { canChat: false });
    expect(await tries(mod, { action: 'unban', identity: 'ada' })).toMatchObject({ error: { code: 'not-found' } });
    const { participantId } = again.answer;
    await does(mod, { action: 'remove', participantId, ban: true });
    await again.next('removed');
    await mod.request('leave', {});
    await waitFor('the room to end', () => stage.server.app.registry.rooms.length === 0);
    await enter('ada', { canChat: false, canPublishData: false });
  });
});
