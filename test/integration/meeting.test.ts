import { expect, test } from 'vitest';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

const stage = setStage({ config: wideLimits });

test('the answer to a join holds everything that the first frame needs', async () => {
  const ada = await stage.joined('answer', 'ada');
  await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', fakeMicrophone(newRequestId()));
  const { answer } = await stage.joined('answer', 'bob');
  expect(answer.subscriptions.map(({ kind, waiting }) => ({ kind, waiting }))).toEqual([
    { kind: 'audio', waiting: false },
    { kind: 'video', waiting: false },
  ]);
  expect(answer.room.participants.map(({ identity }) => identity)).toEqual(['ada', 'bob']);
  expect(answer.room.publications).toHaveLength(2);
  expect(answer.sendTransport.iceCandidates.length).toBeGreaterThan(0);
});

test('welcome says what a client needs before it joins', async () => {
  const ada = await stage.client('welcome', 'ada');
  const welcome = await ada.next('welcome');
  expect(welcome).toMatchObject({ session: 'new', room: 'welcome', identity: 'ada', displayName: 'ada' });
  expect(welcome.limits).toEqual({
    maxMessageBytes: 65_536,
    maxPublications: 16,
    maxParticipants: 200,
    autoViewVideos: 25,
    maxDataBytes: 65_536,
    maxFileBytes: 1_073_741_824,
  });
  const codecs = welcome.routerRtpCapabilities.codecs?.map(({ mimeType }) => mimeType) ?? [];
  expect(codecs).toEqual(expect.arrayContaining(['audio/opus', 'video/VP8', 'video/VP9', 'video/H264', 'video/AV1']));
});

test('after everybody has left nothing is left on the server', async () => {
  const people = await Promise.all(['ada', 'bob', 'eve'].map((identity) => stage.joined('empty', identity)));
  for (const person of people) {
    await person.request('publish', fakeCamera(newRequestId()));
    await person.request('publish', fakeMicrophone(newRequestId()));
  }
  await waitFor('all subscriptions', () => stage.server.app.engine.status.tally.consumers === 12);
  for (const person of people) await person.request('leave', {});
  await stage.clear();
});

test('mute and unmute are seen by all, and by those who come later', async () => {
  const ada = await stage.joined('mute', 'ada');
  const bob = await stage.joined('mute', 'bob');
  const { publicationId } = await ada.request('publish', { ...fakeMicrophone(newRequestId()), muted: true });
  const seen = (muted: boolean) => (delta: { publications?: { publicationId: string; muted: boolean }[] }) =>
    delta.publications?.some((each) => each.publicationId === publicationId && each.muted === muted) ?? false;
  await bob.next('roomChanged', seen(true));
  expect((await bob.next('subscriptionsAdded')).subscriptions[0]).toMatchObject({ publicationId, muted: true });
  await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted: false });
  await Promise.all([bob.next('roomChanged', seen(false)), ada.next('roomChanged', seen(false))]);
  await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted: true });
  const { answer } = await stage.joined('mute', 'eve');
  expect(answer.room.publications).toMatchObject([{ publicationId, muted: true }]);
  expect(answer.subscriptions).toMatchObject([{ publicationId, muted: true, waiting: false }]);
});

test('metadata and a raised hand are seen by all, and by those who come later', async () => {
  const ada = await stage.joined('about', 'ada', { metadata: { pronoun: 'she' } });
  const bob = await stage.joined('about', 'bob');
  expect(bob.answer.room.participants[0]).toMatchObject({ metadata: { pronoun: 'she' }, handRaisedAt: null });
  await ada.request('updateMetadata', { requestId: newRequestId(), metadata: { seat: 4, away: false, note: null } });
  await ada.request('raiseHand', { requestId: newRequestId(), raised: true });
  await bob.next('roomChanged', ({ participants }) =>
    Boolean(participants?.some(({ handRaisedAt, metadata }) => handRaisedAt !== null && metadata.seat === 4)),
  );
  const eve = await stage.joined('about', 'eve');
  const before = eve.answer.room.participants[0];
  expect(before?.metadata).toEqual({ seat: 4, away: false, note: null });
  expect(Math.abs((before?.handRaisedAt ?? 0) - Date.now())).toBeLessThan(10_000);
  await ada.request('raiseHand', { requestId: newRequestId(), raised: false });
  await eve.next('roomChanged', ({ participants }) => Boolean(participants?.some((each) => !each.handRaisedAt)));
});

test('an unpublished track goes from the room and from those who received it', async () => {
  const ada = await stage.joined('unpublish', 'ada');
  const bob = await stage.joined('unpublish', 'bob');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  const { subscriptions } = await bob.next('subscriptionsAdded');
  await ada.request('unpublish', { requestId: newRequestId(), publicationId });
  await bob.next('roomChanged', ({ unpublished }) =>
    Boolean(unpublished?.some((each) => each.publicationId === publicationId)),
  );
  const removed = await bob.next('subscriptionsRemoved');
  expect(removed.subscriptionIds).toEqual(subscriptions.map(({ subscriptionId }) => subscriptionId));
  expect((await stage.joined('unpublish', 'eve')).answer.room.publications).toEqual([]);
});

test('chat reaches everybody, also its sender; those who come later get the last 200 messages', async () => {
  const ada = await stage.joined('chat', 'ada');
  const bob = await stage.joined('chat', 'bob');
  const sent = await ada.request('sendChat', { requestId: newRequestId(), text: 'hello,\n\tworld <b>' });
  for (const person of [ada, bob]) {
    const heard = await person.next('chat');
    expect(heard).toMatchObject({ ...sent, identity: 'ada', displayName: 'ada', text: 'hello,\n\tworld <b>' });
  }
  await Promise.all(
    Array.from({ length: 204 }, (_, index) =>
      bob.request('sendChat', { requestId: newRequestId(), text: `message ${index}` }),
    ),
  );
  const { chat } = (await stage.joined('chat', 'eve')).answer.room;
  expect(chat).toHaveLength(200);
  expect(chat[0]?.text).toBe('message 4');
  expect(chat.at(-1)?.text).toBe('message 203');
});

test('rooms do not hear of one another', async () => {
  const ada = await stage.joined('here', 'ada');
  const eve = await stage.joined('there', 'eve');
  await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('sendChat', { requestId: newRequestId(), text: 'only here' });
  await ada.next('chat');
  await ada.next('roomChanged', ({ publications }) => Boolean(publications));
  // What the server sends to eve after that would come behind whatever it had sent before.
  await eve.request('sendChat', { requestId: newRequestId(), text: 'only there' });
  await eve.next('chat');
  expect(eve.received('chat').map(({ text }) => text)).toEqual(['only there']);
  expect(eve.received('roomChanged').flatMap(({ publications = [] }) => publications)).toEqual([]);
  expect((await stage.joined('there', 'bob')).answer.room.publications).toEqual([]);
});

test('personal notices are numbered without gaps, deltas of the room too', async () => {
  const ada = await stage.joined('numbers', 'ada');
  const bob = await stage.joined('numbers', 'bob');
  for (let index = 0; index < 3; index += 1) {
    const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
    await bob.next('subscriptionsAdded', ({ subscriptions }) => subscriptions[0]?.publicationId === publicationId);
    await ada.request('unpublish', { requestId: newRequestId(), publicationId });
    await bob.next('roomChanged', ({ unpublished }) =>
      Boolean(unpublished?.some((e) => e.publicationId === publicationId)),
    );
  }
  const numbers = bob.notices.flatMap(({ payload }) => (payload as { seq?: number }).seq ?? []);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const revisions = bob.received('roomChanged').map(({ revision }) => revision);
  expect(revisions[0]).toBe(bob.answer.room.revision + 1);
  expect(revisions).toEqual(revisions.map((_, index) => bob.answer.room.revision + 1 + index));
});
