import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { plainGrants } from '../../src/protocol/index.ts';
import { apiOf, apiToken, askApi } from '../support/apiStage.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

/** The API of the real server, with participants over real sockets. */

const stage = setStage({ config: wideLimits });
const by = { displayName: 'crm' };
const api = () => apiOf(stage);
const idOf = ({ answer }: { answer: { participantId: string } }) => answer.participantId;

describe('rooms', () => {
  test('a room is made, read, changed and ended; those who are in it hear of it and by whom', async () => {
    const made = await api().createRoom({ name: 'daily', settings: { maxParticipants: 2 } });
    expect(made).toMatchObject({
      ...{ name: 'daily', participants: 0, publications: 0 },
      settings: { maxParticipants: 2, locked: false },
    });
    expect(made.startedAt).toBeUndefined();
    await expect(api().createRoom({ name: 'daily' })).rejects.toMatchObject({ status: 409, code: 'conflict' });

    const ada = await stage.joined('daily', 'ada');
    expect(ada.answer.room.settings.maxParticipants).toBe(2);
    await ada.request('publish', fakeMicrophone(newRequestId()));
    expect(await api().readRoom('daily')).toMatchObject({
      ...{ sessionId: made.sessionId, participants: 1, publications: 1, startedAt: expect.any(Number) },
    });

    const changed = await api().updateRoom('daily', { locked: true, maxParticipants: null });
    expect(changed.settings).toMatchObject({ locked: true });
    expect(changed.settings.maxParticipants).toBeUndefined();
    await ada.next('roomChanged', ({ settings }) => settings?.locked === true);
    await expect(stage.joined('daily', 'bob')).rejects.toMatchObject({ code: 'room-locked' });

    await api().endRoom('daily');
    expect(await ada.next('roomClosed')).toMatchObject({ reason: 'ended', rejoin: false, by });
    await waitFor('the end', () => stage.server.app.registry.rooms.length === 0);
    await expect(api().readRoom('daily')).rejects.toMatchObject({ status: 404, code: 'not-found' });
    await expect(api().endRoom('daily')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('pages hold while rooms come and go, and show what the token reaches', async () => {
    for (let index = 10; index < 17; index += 1) await api().createRoom({ name: `room-${index}` });
    await api().createRoom({ name: 'other' });
    const first = await api().listRooms({ limit: 3, prefix: 'room-' });
    expect(first.rooms.map(({ name }) => name)).toEqual(['room-10', 'room-11', 'room-12']);
    for (const gone of ['room-12', 'room-10', 'room-14']) await api().endRoom(gone);
    await api().createRoom({ name: 'room-11-a' });
    await waitFor('the ends', () => stage.server.app.registry.rooms.length === 6);
    const second = await api().listRooms({ limit: 3, prefix: 'room-', after: first.next ?? '' });
    expect(second.rooms.map(({ name }) => name)).toEqual(['room-13', 'room-15', 'room-16']);
    expect(second.next).toBeUndefined();

    const confined = apiOf(stage, { rooms: 'write', onlyRooms: ['other'], roomPrefix: 'room-11' });
    const reached: string[] = [];
    for await (const { name } of confined.rooms()) reached.push(name);
    expect(reached).toEqual(['other', 'room-11', 'room-11-a']);
    await expect(confined.createRoom({ name: 'mine' })).rejects.toMatchObject({ code: 'forbidden' });
    for await (const { name } of api().rooms()) await api().endRoom(name);
  });

  test('a cursor that no page gave is refused', async () => {
    await stage.joined('daily', 'ada');
    await expect(api().listParticipants('daily', { after: 'nonsense' })).rejects.toMatchObject({ code: 'bad-request' });
    const nowhere = Buffer.from('a room?').toString('base64url');
    for (const after of ['!', 'A', nowhere]) {
      await expect(api().listRooms({ after }), after).rejects.toMatchObject({ code: 'bad-request' });
      await expect(api().listBans('daily', { after }), after).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
});

describe('participants', () => {
  test('somebody is shown to everybody', async () => {
    const ada = await stage.joined('room', 'ada');
    await api().setSpotlight('room', ['ada']);
    await ada.next('roomChanged', ({ spotlight }) => spotlight?.includes('ada') === true);
    expect((await api().readRoom('room')).spotlight).toEqual(['ada']);
  });

  test('pages hold while people come and go; hidden ones are among them', async () => {
    for (const name of ['anna', 'bert', 'carl', 'dora', 'emil']) await stage.joined('crowd', name);
    const token = await createAccessToken(testSecret, { room: 'crowd', identity: 'bea', grants: { hidden: true } });
    await (await stage.clientWith(token)).join();
    const first = await api().listParticipants('crowd', { limit: 2 });
    expect([first.participants.map(({ identity }) => identity), first.total]).toEqual([['anna', 'bea'], 6]);
    expect(first.participants[1]?.grants.hidden).toBe(true);
    const [anna, bea] = first.participants;
    for (const gone of [anna, bea]) await api().removeParticipant('crowd', gone?.participantId ?? '');
    await stage.joined('crowd', 'berta');
    const rest = await api().listParticipants('crowd', { limit: 10, ...(first.next && { after: first.next }) });
    expect(rest.participants.map(({ identity }) => identity)).toEqual(['bert', 'berta', 'carl', 'dora', 'emil']);
    const found: string[] = [];
    for await (const { identity } of api().participants('crowd', { query: 'BERT' })) found.push(identity);
    expect(found).toEqual(['bert', 'berta']);
  });

  test('one is read, with what it publishes, and its metadata and rights are changed at once', async () => {
    const [ada, bob] = [await stage.joined('room', 'ada'), await stage.joined('room', 'bob')];
    const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
    await ada.request('updateMetadata', { requestId: newRequestId(), metadata: { mood: 'fine', role: 'queen' } });
    expect(await api().readParticipant('room', idOf(ada))).toMatchObject({
      ...{ identity: 'ada', grants: plainGrants, metadata: { mood: 'fine', role: 'queen' } },
      publications: [{ publicationId, source: 'camera', muted: false }],
    });

    const grants = { canPublish: ['microphone'] as const, moderator: true };
    const changed = await api().updateParticipant('room', idOf(ada), {
      metadata: { role: 'guide' },
      grants: { ...grants, canPublish: [...grants.canPublish] },
    });
    expect(changed).toMatchObject({ metadata: { mood: 'fine', role: 'guide' }, grants, publications: [] });
    expect(await ada.next('grantsChanged')).toMatchObject({ grants, by });
    await bob.next('roomChanged', ({ participants = [] }) =>
      participants.some(({ metadata }) => metadata.role === 'guide'),
    );
    // What the application says she cannot change.
    await ada.request('updateMetadata', { requestId: newRequestId(), metadata: { role: 'queen' } });
    expect((await api().readParticipant('room', idOf(ada))).metadata).toEqual({ role: 'guide' });
    // It holds when she comes again.
    const again = await stage.joined('room', 'ada', { metadata: { role: 'queen', mood: 'tired' } });
    const seen = again.answer.room.participants.find(({ participantId }) => participantId === idOf(again));
    expect(seen?.metadata).toEqual({ role: 'guide', mood: 'tired' });
  });

  test('one is muted and asked to unmute, all are, hands are lowered, a screen is stopped', async () => {
    const [ada, bob] = [await stage.joined('room', 'ada'), await stage.joined('room', 'bob')];
    const own = await ada.request('publish', fakeMicrophone(newRequestId()));
    const other = await bob.request('publish', fakeMicrophone(newRequestId()));
    await api().muteParticipant('room', idOf(ada));
    expect(await ada.next('muted')).toMatchObject({ publicationId: own.publicationId, by });
    await api().askToUnmute('room', idOf(ada));
    expect(await ada.next('unmuteAsked')).toMatchObject({ by });
    await api().muteEverybody('room', { source: 'microphone' });
    expect(await bob.next('muted')).toMatchObject({ publicationId: other.publicationId, by });

    for (const each of [ada, bob]) await each.request('raiseHand', { requestId: newRequestId(), raised: true });
    const raised = async () =>
      (await api().listParticipants('room')).participants.flatMap(({ identity, handRaisedAt }) =>
        handRaisedAt === null ? [] : identity,
      );
    await api().lowerHand('room', idOf(bob));
    expect(await raised()).toEqual(['ada']);
    await api().lowerHands('room');
    expect(await raised()).toEqual([]);

    const screen = await ada.request('publish', { ...fakeCamera(newRequestId()), source: 'screen' });
    await api().endPublication('room', screen.publicationId);
    expect(await ada.next('unpublished')).toMatchObject({ publicationId: screen.publicationId, by });
    await expect(api().endPublication('room', screen.publicationId)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('one is removed, or banned, and stays outside', async () => {
    const [ada, bob] = [await stage.joined('room', 'ada'), await stage.joined('room', 'bob')];
    await stage.joined('room', 'cyd');
    await api().removeParticipant('room', idOf(ada));
    expect(await ada.next('removed')).toMatchObject({ reason: 'removed', by });
    await stage.joined('room', 'ada');
    await api().removeParticipant('room', idOf(bob), { ban: true, reason: 'Advertising' });
    await bob.next('removed');
    await expect(stage.joined('room', 'bob')).rejects.toMatchObject({ code: 'forbidden' });
    const ban = { identity: 'bob', displayName: 'bob', by, at: expect.any(Number), reason: 'Advertising' };
    expect(await api().listBans('room')).toEqual({ bans: [ban] });
    await api().liftBan('room', 'bob');
    await stage.joined('room', 'bob');
    await expect(api().liftBan('room', 'bob')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('pages of bans hold while bans come and go, the latest first', async () => {
    await stage.joined('room', 'zoe');
    const ban = async (name: string) =>
      api().removeParticipant('room', idOf(await stage.joined('room', name)), { ban: true });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ban(name);
    const first = await api().listBans('room', { limit: 2 });
    expect(first.bans.map(({ identity }) => identity)).toEqual(['e', 'd']);
    await ban('f');
    for (const name of ['d', 'b']) await api().liftBan('room', name);
    const rest = await api().listBans('room', { limit: 2, after: first.next ?? '' });
    expect([rest.bans.map(({ identity }) => identity), rest.next]).toEqual([['c', 'a'], undefined]);
    const all: string[] = [];
    for await (const { identity } of api().bans('room')) all.push(identity);
    expect(all).toEqual(['f', 'e', 'c', 'a']);
  });

  test('ids of other rooms and of nobody are the same: not there', async () => {
    const [ada] = [await stage.joined('room', 'ada'), await stage.joined('elsewhere', 'eve')];
    const token = await apiToken();
    const answers = [];
    for (const id of [idOf(ada), 'nobody']) {
      const answer = await askApi(stage.server.url, `/rooms/elsewhere/participants/${id}`, { token });
      answers.push([answer.status, answer.body]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(404);
  });
});

describe('the lobby', () => {
  /** Who knocks and waits. */
  const knocking = async (identity: string) => {
    const client = await stage.client('lobby', identity);
    await expect(client.join()).rejects.toMatchObject({ code: 'in-lobby' });
    return client;
  };

  test('who waits is let in, one or all, or sent away', async () => {
    await api().createRoom({ name: 'lobby', settings: { lobby: true } });
    const [ada, bob, cyd, dan] = [
      await knocking('ada'),
      await knocking('bob'),
      await knocking('cyd'),
      await knocking('dan'),
    ];
    const waiting = await api().readLobby('lobby');
    expect(waiting.map(({ identity }) => identity)).toEqual(['ada', 'bob', 'cyd', 'dan']);
    await api().admit('lobby', waiting[1]?.knockId ?? '');
    await bob.next('admitted');
    await bob.join();
    await api().refuse('lobby', waiting[0]?.knockId ?? '', { ban: true, reason: 'Wrong date' });
    const message = 'crm does not let you in for as long as the meeting lasts: Wrong date';
    expect(await ada.next('removed')).toMatchObject({ reason: 'refused', message, by });
    expect((await api().listBans('lobby')).bans).toMatchObject([{ identity: 'ada', by, reason: 'Wrong date' }]);
    await api().admitEverybody('lobby');
    for (const each of [cyd, dan]) {
      await each.next('admitted');
      await each.join();
    }
    expect(await api().readLobby('lobby')).toEqual([]);
    await expect(api().admit('lobby', 'nobody')).rejects.toMatchObject({ code: 'not-found' });
    await api().endRoom('lobby');
  });
});

test('one is moved to another room, as far as the token reaches', async () => {
  const ada = await stage.joined('here', 'ada');
  const confined = apiOf(stage, { participants: 'write', onlyRooms: ['here'] });
  await expect(confined.moveParticipant('here', idOf(ada), 'there')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(api().moveParticipant('here', idOf(ada), 'here')).rejects.toMatchObject({ code: 'conflict' });
  await api().updateParticipant('here', idOf(ada), { metadata: { role: 'guide' } });
  // Whose token names another room is another person.
  const other = await stage.joined('there', 'ada');
  await expect(api().moveParticipant('here', idOf(ada), 'there')).rejects.toMatchObject({ code: 'conflict' });
  await other.request('leave', {});
  expect(other.received('removed')).toEqual([]);
  expect(ada.received('moved')).toEqual([]);
  await api().moveParticipant('here', idOf(ada), 'there');
  expect(await ada.next('moved')).toMatchObject({ room: 'there', by });
  await ada.next('welcome', ({ room }) => room === 'there');
  // What the application said of her she cannot say otherwise there either.
  await ada.join({ metadata: { role: 'queen', mood: 'fine' } });
  expect((await api().listParticipants('there')).participants).toMatchObject([
    { identity: 'ada', metadata: { role: 'guide', mood: 'fine' } },
  ]);
});

describe('messages', () => {
  test('what the server says is in the chat, for those who are there and who come later', async () => {
    const ada = await stage.joined('room', 'ada');
    const { chatId } = await api().sendChat('room', { text: 'Five minutes left' });
    expect(await ada.next('chat')).toEqual({
      ...{ chatId, displayName: 'crm', text: 'Five minutes left', sentAt: expect.any(Number) },
    });
    await api().sendChat('room', { text: 'Bye', displayName: 'Concierge' });
    const bob = await stage.joined('room', 'bob');
    expect(bob.answer.room.chat.map(({ displayName, text }) => [displayName, text])).toEqual([
      ['crm', 'Five minutes left'],
      ['Concierge', 'Bye'],
    ]);
  });

  test('data is for those who are named, or for everybody', async () => {
    const [ada] = [await stage.joined('room', 'ada'), await stage.joined('room', 'bob')];
    expect(await api().sendData('room', { text: 'hello' })).toEqual({ recipients: 2 });
    expect(await api().sendData('room', { to: [idOf(ada)], base64: 'AAEC', topic: 't' })).toEqual({ recipients: 1 });
    await expect(api().sendData('room', { to: ['eve'], text: 'x' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(api().sendData('room', { text: 'x', base64: 'AAEC' })).rejects.toMatchObject({ code: 'bad-request' });
    const large = api().sendData('room', { text: 'x'.repeat(65_400), topic: 't' });
    await expect(large).resolves.toEqual({ recipients: 2 });
  });
});
