import { afterEach, describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import type { Notice, NoticeName } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { PathChecks } from '../support/PathChecks.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { Wire } from '../support/Wire.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const closing: { close(): void }[] = [];
afterEach(() => {
  for (const each of closing.splice(0)) each.close();
});

const nobodyLeft = (watcher: RawClient) => watcher.received('roomChanged').every(({ left }) => left === undefined);

async function joinedOver(room: string, identity: string): Promise<{ person: Joined; wire: Wire }> {
  const wire = await Wire.to(stage.server.url);
  closing.push(wire);
  const client = await stage.client(room, identity, wire.url);
  return { wire, person: Object.assign(client, { answer: await client.join() }) };
}

async function alive(person: Joined): Promise<PathChecks> {
  const checks = await PathChecks.on(person.answer);
  closing.push(checks);
  return checks;
}

function resumed(room: string, former: Joined, identity = 'ada'): Promise<RawClient> {
  return stage.client(room, identity, stage.server.url, { resume: former.point });
}

async function isLost(watcher: RawClient, { answer }: Joined): Promise<void> {
  await watcher.next('quality', ({ connections }) =>
    connections.some((each) => each.participantId === answer.participantId && each.quality === 'lost'),
  );
}

async function leftReason(watcher: RawClient, { answer }: Joined): Promise<string> {
  const isHers = ({ participantId }: { participantId: string }) => participantId === answer.participantId;
  const { left = [] } = await watcher.next('roomChanged', ({ left: gone = [] }) => gone.some(isHers));
  return left.find(isHers)?.reason ?? '';
}

function names(client: RawClient): string[] {
  return client.notices.map(({ name }) => name);
}

function seqs(client: RawClient, ...of: NoticeName[]): number[] {
  const payloads = client.notices.flatMap(({ name, payload }) => (of.some((each) => each === name) ? [payload] : []));
  return payloads.map((payload) => (payload as Notice<'subscriptionsAdded'>).seq);
}

test('a dropped socket comes back: what was missed follows once and in order, and nobody saw the participant go', async () => {
  const { person: ada, wire } = await joinedOver('back', 'ada');
  const bob = await stage.joined('back', 'bob');
  await alive(ada);
  wire.cut();
  await isLost(bob, ada);
  const { publicationId } = await bob.request('publish', fakeCamera(newRequestId()));
  await bob.request('sendChat', { requestId: newRequestId(), text: 'one' });
  await bob.request('publish', fakeMicrophone(newRequestId()));
  await bob.request('sendChat', { requestId: newRequestId(), text: 'two' });
  await bob.request('updatePublication', { requestId: newRequestId(), publicationId, muted: true });
  await bob.next('roomChanged', ({ publications = [] }) => publications.some(({ muted }) => muted));
  const before = ada.point;
  const again = await resumed('back', ada);
  const welcome = await again.next('welcome');
  expect(welcome.session).toBe('resumed');
  expect(welcome.resumeKey).toBe(before.key);
  await again.next('roomChanged', ({ publications = [] }) => publications.some(({ muted }) => muted));
  await bob.request('sendChat', { requestId: newRequestId(), text: 'three' });
  await again.next('chat', ({ text }) => text === 'three');
  expect(again.received('chat').map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  const revisions = again.received('roomChanged').map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.map((_, index) => before.revision + 1 + index));
  const added = again.received('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
  expect(added.map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video']);
  const numbers = seqs(again, 'subscriptionsAdded', 'subscriptionState');
  expect(numbers).toEqual(numbers.map((_, index) => before.seq + 1 + index));
  expect(names(again)[0]).toBe('welcome');
  expect(nobodyLeft(bob)).toBe(true);
  await bob.next('quality', ({ connections }) =>
    connections.some((each) => each.participantId === ada.answer.participantId && each.quality === 'good'),
  );
  expect((await again.ask('sendChat', { requestId: newRequestId(), text: 'here' })).ok).toBe(true);
});

test('a chat message that had arrived does not come again, also where the room keeps others', async () => {
  const ada = await stage.joined('chat', 'ada');
  const bob = await stage.joined('chat', 'bob');
  await bob.request('sendChat', { requestId: newRequestId(), text: 'before' });
  await ada.next('chat');
  ada.drop();
  await isLost(bob, ada);
  await bob.request('sendChat', { requestId: newRequestId(), text: 'meanwhile' });
  const again = await resumed('chat', ada);
  await again.next('chat');
  expect(again.received('chat').map(({ text }) => text)).toEqual(['meanwhile']);
});

test('a request in flight is repeated and gets the same answer; the same id with other content is refused', async () => {
  const ada = await stage.joined('repeat', 'ada');
  const request = fakeCamera(newRequestId());
  ada.socket.emit('publish', request);
  const { participants } = stage.server.app.registry.getOrCreate('repeat');
  await waitFor('the publication', () => participants[0]?.publications.length === 1);
  ada.drop();
  const again = await resumed('repeat', ada);
  const { publicationId } = await again.request('publish', request);
  expect(participants[0]?.publications.map((each) => each.publicationId)).toEqual([publicationId]);
  expect(await again.ask('publish', { ...request, muted: true })).toMatchObject({ error: { code: 'conflict' } });
});

test('where the deltas are no longer kept, a snapshot tells everything', async () => {
  const ada = await stage.joined('snapshot', 'ada');
  const bob = await stage.joined('snapshot', 'bob');
  await alive(ada);
  const { publicationId: own } = await ada.request('publish', fakeCamera(newRequestId()));
  const { publicationId } = await bob.request('publish', fakeCamera(newRequestId()));
  const { subscriptions } = await ada.next('subscriptionsAdded');
  ada.drop();
  await isLost(bob, ada);
  // Each is as large as metadata may be: 32 kB of the 256 that are kept.
  const metadata = (round: number) =>
    Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`key-${index}`, `${round}`.padEnd(1000, 'x')]));
  for (let round = 0; round < 10; round += 1) {
    await bob.request('updateMetadata', { requestId: newRequestId(), metadata: metadata(round) });
    await bob.next('roomChanged', ({ participants = [] }) =>
      participants.some((each) => String(each.metadata['key-0']).startsWith(`${round}x`)),
    );
  }
  await bob.request('sendChat', { requestId: newRequestId(), text: 'meanwhile' });
  const again = await resumed('snapshot', ada);
  expect((await again.next('welcome')).session).toBe('snapshot');
  const snapshot = await again.next('snapshot');
  expect(snapshot.room.participants.map(({ identity }) => identity).toSorted()).toEqual(['ada', 'bob']);
  expect(snapshot.room.participants.find(({ identity }) => identity === 'bob')?.metadata).toEqual(metadata(9));
  expect(snapshot.room.publications.map((each) => each.publicationId).toSorted()).toEqual(
    [own, publicationId].toSorted(),
  );
  expect(snapshot.room.chat.map(({ text }) => text)).toEqual(['meanwhile']);
  expect(snapshot.subscriptions.map(({ subscriptionId }) => subscriptionId)).toEqual(
    subscriptions.map(({ subscriptionId }) => subscriptionId),
  );
  expect(snapshot.states.map((each) => each.publicationId)).toEqual([publicationId]);
  expect(snapshot.wantedLayers.map((each) => each.publicationId)).toEqual([own]);
  expect(again.received('roomChanged').filter(({ revision }) => revision <= snapshot.room.revision)).toEqual([]);
  const { revision } = snapshot.room;
  await bob.request('raiseHand', { requestId: newRequestId(), raised: true });
  expect((await again.next('roomChanged')).revision).toBe(revision + 1);
  expect(nobodyLeft(bob)).toBe(true);
});

test('a client that claims to know more than there is gets a snapshot', async () => {
  const ada = await stage.joined('future', 'ada');
  ada.drop();
  const auth = { resume: { ...ada.point, seq: 1000, revision: 1000 } };
  const again = await stage.client('future', 'ada', stage.server.url, auth);
  expect((await again.next('welcome')).session).toBe('snapshot');
});

test('a resume takes over a half-open socket before the server has noticed anything', async () => {
  const { person: ada, wire } = await joinedOver('takeover', 'ada');
  const bob = await stage.joined('takeover', 'bob');
  wire.silence();
  await bob.request('sendChat', { requestId: newRequestId(), text: 'into the void' });
  const again = await resumed('takeover', ada);
  expect((await again.next('welcome')).session).toBe('resumed');
  expect((await again.next('chat')).text).toBe('into the void');
  await waitFor('the old socket to be gone', () => stage.server.app.gateway.sockets === 2);
  expect((await again.ask('sendChat', { requestId: newRequestId(), text: 'here' })).ok).toBe(true);
  expect(nobodyLeft(bob)).toBe(true);
});

describe('who cannot be resumed', () => {
  test.each<[string, Partial<RawClient['point']>]>([
    ['with a key that nobody has', { key: 'x'.repeat(32) }],
    ['with a key that is too long', { key: 'x'.repeat(128) }],
  ])('a visit %s: the client may join anew', async (_what, change) => {
    const ada = await stage.joined('refused', 'ada');
    ada.drop();
    const again = await stage.client('refused', 'ada', stage.server.url, { resume: { ...ada.point, ...change } });
    expect((await again.next('welcome')).session).toBe('refused');
    expect((await again.ask('sendChat', { requestId: newRequestId(), text: 'x' })).error?.code).toBe('wrong-phase');
    expect((await again.join()).participantId).not.toBe(ada.answer.participantId);
    expect(stage.server.app.registry.participants).toBe(1);
  });

  test('the visit of somebody else, or of another room', async () => {
    const ada = await stage.joined('theirs', 'ada');
    const { point: resume } = ada;
    for (const [room, identity] of [
      ['theirs', 'eve'],
      ['other', 'ada'],
    ] as const) {
      const thief = await stage.client(room, identity, stage.server.url, { resume });
      expect((await thief.next('welcome')).session).toBe('refused');
    }
    expect((await ada.ask('sendChat', { requestId: newRequestId(), text: 'still here' })).ok).toBe(true);
  });

  test('a token that is not good opens nothing, whatever the key', async () => {
    const ada = await stage.joined('token', 'ada');
    await expect(stage.clientWith('garbage', { resume: ada.point })).rejects.toThrow(/token/);
  });

  test('who was replaced hears so, and does not come back by itself', async () => {
    const ada = await stage.joined('replaced', 'ada');
    const { point: resume } = ada;
    ada.drop();
    const second = await stage.joined('replaced', 'ada');
    const again = await stage.client('replaced', 'ada', stage.server.url, { resume });
    expect((await again.next('welcome')).session).toBe('refused');
    expect((await again.next('removed')).reason).toBe('replaced');
    expect(names(again)).toEqual(['removed', 'welcome']);
    expect((await second.ask('sendChat', { requestId: newRequestId(), text: 'here' })).ok).toBe(true);
  });

  test('who has left', async () => {
    const ada = await stage.joined('left', 'ada');
    await stage.joined('left', 'bob');
    const { point: resume } = ada;
    await ada.request('leave', {});
    const again = await stage.client('left', 'ada', stage.server.url, { resume });
    expect((await again.next('welcome')).session).toBe('refused');
    expect(names(again)).toEqual(['welcome']);
  });
});

test('who closes the socket on purpose is gone at once', async () => {
  const ada = await stage.joined('purpose', 'ada');
  const bob = await stage.joined('purpose', 'bob');
  await alive(ada);
  const since = Date.now();
  ada.close();
  expect(await leftReason(bob, ada)).toBe('disconnected');
  expect(Date.now() - since).toBeLessThan(1000);
});

test('a client that was killed is gone within 6 s; one whose paths live stays', async () => {
  const ada = await stage.joined('killed', 'ada');
  const carl = await stage.joined('killed', 'carl');
  const bob = await stage.joined('killed', 'bob');
  const checks = await alive(ada);
  await alive(carl);
  const since = Date.now();
  for (const person of [ada, carl]) person.drop();
  await isLost(bob, ada);
  checks.close();
  expect(await leftReason(bob, ada)).toBe('disconnected');
  expect(Date.now() - since).toBeLessThan(6000);
  expect(Date.now() - since).toBeGreaterThan(3500);
  const again = await resumed('killed', carl, 'carl');
  expect((await again.next('welcome')).session).toBe('resumed');
  expect((await resumed('killed', ada)).received('welcome')[0]?.session).toBe('refused');
});

test('what a moderator does to a publication whose answer was not heard is told before the answer is given again', async () => {
  const { person: ada, wire } = await joinedOver('unheard', 'ada');
  await alive(ada);
  const token = await createAccessToken(testSecret, { room: 'unheard', identity: 'mod', grants: { moderator: true } });
  const mod = await stage.clientWith(token);
  await mod.join();
  const publish = fakeMicrophone(newRequestId());
  ada.socket.emit('publish', publish);
  const { publications = [] } = await mod.next('roomChanged', (delta) => delta.publications !== undefined);
  const { point } = ada;
  wire.cut();
  const { participantId } = ada.answer;
  await mod.request('moderate', { requestId: newRequestId(), moderation: { action: 'mute', participantId } });
  const again = await stage.client('unheard', 'ada', stage.server.url, { resume: point });
  const answer = await again.request('publish', publish);
  expect(publications).toMatchObject([{ publicationId: answer.publicationId }]);
  // They keep their order on the socket: it has come by now.
  expect(again.received('muted')).toMatchObject([{ publicationId: answer.publicationId }]);
  expect((await again.next('welcome')).session).toBe('resumed');
});
