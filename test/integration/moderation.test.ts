import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, type ModerationInput, type Notice, plainGrants } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

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

const moderatorOf = () => enter('mod', { moderator: true }, 'Mia');
const does = (who: RawClient, moderation: ModerationInput) =>
  who.request('moderate', { requestId: newRequestId(), moderation });
const tries = (who: RawClient, moderation: ModerationInput) =>
  who.ask('moderate', { requestId: newRequestId(), moderation });

/** What the room was told of a publication last. */
function lastTold(client: RawClient, publicationId: string) {
  const told = client.received('roomChanged').flatMap(({ publications = [] }) => publications);
  return told.findLast((each) => each.publicationId === publicationId);
}

test('who is no moderator moderates nothing', async () => {
  const [ada, bob] = [await enter('ada'), await enter('bob')];
  const { participantId } = bob.answer;
  for (const moderation of [
    { action: 'mute' },
    { action: 'remove', participantId },
    { action: 'lock', locked: true },
    { action: 'grant', participantId, changes: { moderator: true } },
    { action: 'end' },
  ] as const) {
    expect(await tries(ada, moderation)).toMatchObject({ error: { code: 'forbidden' } });
  }
});

test('one is muted: the room hears it, and who was muted hears who did it; only they unmute', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  const { publicationId } = await ada.request('publish', fakeMicrophone(newRequestId()));
  const camera = await ada.request('publish', fakeCamera(newRequestId()));
  await does(mod, { action: 'mute', participantId: ada.answer.participantId });
  expect(await ada.next('muted')).toMatchObject({ publicationId, by });
  await waitFor('the room to hear it', () => lastTold(bob, publicationId)?.muted === true);
  expect(lastTold(bob, camera.publicationId)?.muted).toBe(false);
  await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted: false });
  await waitFor('her to be heard again', () => lastTold(bob, publicationId)?.muted === false);
});

test('everybody else is muted, and asked to unmute one by one', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  const own = await mod.request('publish', fakeMicrophone(newRequestId()));
  for (const each of [ada, bob]) await each.request('publish', fakeMicrophone(newRequestId()));
  await does(mod, { action: 'mute' });
  await Promise.all([ada.next('muted'), bob.next('muted')]);
  await does(mod, { action: 'ask-to-unmute', participantId: bob.answer.participantId });
  expect(await bob.next('unmuteAsked')).toMatchObject({ by });
  expect(ada.received('unmuteAsked')).toEqual([]);
  expect(mod.received('muted')).toEqual([]);
  const told = await waitFor('the publication of the moderator', () => lastTold(ada, own.publicationId));
  expect(told.muted).toBe(false);
});

test('a shared screen is stopped, for everybody', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  const { publicationId } = await ada.request('publish', { ...fakeCamera(newRequestId()), source: 'screen' });
  await does(mod, { action: 'unpublish', publicationId });
  expect(await ada.next('unpublished')).toMatchObject({ publicationId, by });
  await bob.next('roomChanged', ({ unpublished = [] }) =>
    unpublished.some((each) => each.publicationId === publicationId),
  );
  expect(await tries(mod, { action: 'unpublish', publicationId })).toMatchObject({ error: { code: 'not-found' } });
});

test('into a locked room comes who was in it before, or a moderator, and nobody new', async () => {
  const [mod, ada] = [await moderatorOf(), await enter('ada')];
  await does(mod, { action: 'lock', locked: true });
  await ada.next('roomChanged', ({ settings }) => settings?.locked === true);
  await expect(enter('bob')).rejects.toMatchObject({ code: 'room-locked' });
  const again = await enter('ada', { canChat: true });
  expect(again.answer.room.settings.locked).toBe(true);
  // A page that is loaded again.
  await again.request('leave', {});
  const anew = await enter('ada');
  await enter('max', { moderator: true });
  await enter('eve', { hidden: true });
  await does(mod, { action: 'remove', participantId: anew.answer.participantId });
  await anew.next('removed');
  await expect(enter('ada', { canChat: false })).rejects.toMatchObject({ code: 'room-locked' });
  await does(mod, { action: 'lock', locked: false });
  await mod.next('roomChanged', ({ settings }) => settings?.locked === false);
  await enter('bob');
});

test('whom moderators put in the spotlight everybody is told, and whoever comes later', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  expect(mod.answer.room.spotlight).toEqual([]);
  await does(mod, { action: 'spotlight', identities: ['bob', 'ada'] });
  const { spotlight } = await ada.next('roomChanged', (delta) => delta.spotlight !== undefined);
  expect(spotlight).toEqual(['bob', 'ada']);
  await bob.request('leave', {});
  await ada.next('roomChanged', (delta) => delta.spotlight?.join() === 'ada');
  expect((await enter('cyd')).answer.room.spotlight).toEqual(['ada']);
  const hidden = await enter('eve', { hidden: true });
  expect(hidden.answer.room.spotlight).toEqual(['ada']);
  const answers = [];
  for (const nobody of ['eve', 'zoe']) {
    answers.push(await tries(mod, { action: 'spotlight', identities: ['ada', nobody] }));
  }
  expect(answers.map(({ error }) => error?.code)).toEqual(['not-found', 'not-found']);
  expect(new Set(answers.map(({ error }) => error?.message)).size).toBe(1);
  await does(mod, { action: 'spotlight', identities: [] });
  await ada.next('roomChanged', (delta) => delta.spotlight?.length === 0);
});

test('hands are lowered: one, then all', async () => {
  const people = [await enter('ada'), await enter('bob'), await enter('cyd')] as const;
  const mod = await moderatorOf();
  for (const each of people) await each.request('raiseHand', { requestId: newRequestId(), raised: true });
  const raised = async () => {
    const { participants } = await mod.request('listParticipants', {});
    return participants.flatMap(({ identity, handRaisedAt }) => (handRaisedAt === null ? [] : identity));
  };
  await does(mod, { action: 'lower-hands', participantId: people[0].answer.participantId });
  expect((await raised()).toSorted()).toEqual(['bob', 'cyd']);
  expect(await people[0].next('handLowered')).toMatchObject({ by });
  expect(people[1].received('handLowered')).toEqual([]);
  await does(mod, { action: 'lower-hands' });
  expect(await raised()).toEqual([]);
});

test('moderation is handed over; what the changes leave out stays', async () => {
  const [mod, ada] = [await moderatorOf(), await enter('ada', { canPublish: ['microphone'] })];
  const { participantId } = ada.answer;
  await does(mod, { action: 'grant', participantId, changes: { moderator: true } });
  expect(await ada.next('grantsChanged')).toMatchObject({
    grants: { ...plainGrants, canPublish: ['microphone'], moderator: true },
    by,
  });
  const tellsOf = (moderator: boolean) => (delta: Notice<'roomChanged'>) =>
    delta.participants?.some((each) => each.participantId === participantId && each.moderator === moderator) === true;
  await mod.next('roomChanged', tellsOf(true));
  const { participantId: modId } = mod.answer;
  await does(ada, { action: 'grant', participantId: modId, changes: { moderator: false, canChat: false } });
  await mod.next('grantsChanged');
  expect(await tries(mod, { action: 'end' })).toMatchObject({ error: { code: 'forbidden' } });
  const chat = await mod.ask('sendChat', { requestId: newRequestId(), text: 'but' });
  expect(chat).toMatchObject({ error: { code: 'forbidden' } });
});

test('of their own rights moderators give up moderation, and take nothing', async () => {
  const mod = await enter('mod', { moderator: true, canPublish: false, maxVideoBitrate: 100_000 });
  const { participantId } = mod.answer;
  for (const changes of [{ canPublish: true }, { maxVideoBitrate: 9_000_000 }, { moderator: false, canChat: false }]) {
    expect(await tries(mod, { action: 'grant', participantId, changes })).toMatchObject({
      error: { code: 'forbidden' },
    });
  }
  const hidden = { hidden: false } as object;
  expect(await tries(mod, { action: 'grant', participantId, changes: hidden })).toMatchObject({
    error: { code: 'bad-request' },
  });
  await does(mod, { action: 'grant', participantId, changes: { moderator: false } });
  expect((await mod.next('grantsChanged')).grants).toMatchObject({ moderator: false, canPublish: false });
  expect(await tries(mod, { action: 'grant', participantId, changes: { moderator: true } })).toMatchObject({
    error: { code: 'forbidden' },
  });
});

test('what a moderator has changed holds for the identity, whatever token it comes with, as long as the room lives', async () => {
  const [mod, ada] = [await moderatorOf(), await enter('ada', { moderator: true })];
  const changes = { moderator: false, canPublish: false };
  await does(mod, { action: 'grant', participantId: ada.answer.participantId, changes });
  await ada.next('grantsChanged');
  const again = await enter('ada', { moderator: true });
  expect((await again.next('grantsChanged')).grants).toEqual({ ...plainGrants, ...changes });
  expect(await tries(again, { action: 'end' })).toMatchObject({ error: { code: 'forbidden' } });
  expect(await again.ask('publish', fakeCamera(newRequestId()))).toMatchObject({ error: { code: 'forbidden' } });
});

test('who may not publish any more and asks again is refused', async () => {
  const [mod, ada] = [await moderatorOf(), await enter('ada')];
  await ada.request('publish', fakeMicrophone(newRequestId()));
  await does(mod, { action: 'grant', participantId: ada.answer.participantId, changes: { canPublish: false } });
  await ada.next('grantsChanged');
  expect(await ada.ask('publish', fakeMicrophone(newRequestId()))).toMatchObject({ error: { code: 'forbidden' } });
  expect(await ada.ask('publish', fakeCamera(newRequestId()))).toMatchObject({ error: { code: 'forbidden' } });
});

test('the room ends for everybody, who hear by whom', async () => {
  const [mod, ada, bob] = [await moderatorOf(), await enter('ada'), await enter('bob')];
  expect(await tries(mod, { action: 'end' })).toMatchObject({ ok: true });
  for (const each of [mod, ada, bob]) {
    expect(await each.next('roomClosed')).toMatchObject({ reason: 'ended', rejoin: false, by });
  }
});

test('ids of other rooms, of nobody, and of a hidden participant are the same: not there', async () => {
  const mod = await moderatorOf();
  const hidden = await enter('eve', { hidden: true });
  const elsewhere = await stage.joined('elsewhere', 'zoe');
  const theirs = await elsewhere.request('publish', fakeMicrophone(newRequestId()));
  const answers = [];
  for (const participantId of ['nobody', hidden.answer.participantId, elsewhere.answer.participantId]) {
    answers.push((await tries(mod, { action: 'remove', participantId })).error);
    answers.push((await tries(mod, { action: 'mute', participantId })).error);
  }
  expect(new Set(answers.map((error) => JSON.stringify(error))).size).toBe(1);
  const [one, other] = await Promise.all([
    tries(mod, { action: 'unpublish', publicationId: 'nothing' }),
    tries(mod, { action: 'unpublish', publicationId: theirs.publicationId }),
  ]);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ error: { code: 'not-found' } });
});
