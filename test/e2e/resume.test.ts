import { expect } from 'vitest';
import { watchFrameGap } from '../support/frameGap.ts';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import type { Relay } from '../support/Relay.ts';
import { waitFor } from '../support/waitFor.ts';

const resumingText = 'Reconnecting… You still see and hear the others.';
/** The longest time for which a picture may stand still while only the connection to the server is away, in ms. */
const noGap = 500;

const state = (person: Person) => person.page.evaluate(() => window.plenum.state);
const participantId = (person: Person) => person.page.evaluate(() => window.plenum.local?.participantId);

/** Writes down each state of the connection, and whoever leaves, from now on. */
async function record(person: Person) {
  await person.page.evaluate(() => {
    const seen: string[] = [];
    window.plenum.on('stateChanged', (next) => seen.push(next));
    window.plenum.on('participantLeft', ({ displayName }) => seen.push(`${displayName} left`));
    Reflect.set(window, 'noted', seen);
  });
  return () => person.page.evaluate((): string[] => Reflect.get(window, 'noted'));
}

/** Waits until it has gone through that state, however shortly. */
const untilSeen = (seen: () => Promise<string[]>, what: string) =>
  waitFor(`the state ${what}`, async () => (await seen()).includes(what), { timeoutMs: 20_000, intervalMs: 10 });

/** How long after its return the connection was whole again, in milliseconds. */
async function msUntilJoined(person: Person, since: number): Promise<number> {
  await waitFor(`${person.name} to be back`, async () => (await state(person)) === 'joined', {
    timeoutMs: 20_000,
    intervalMs: 10,
  });
  return Date.now() - since;
}

/** Ada, whose connection goes over a relay, and Bob see each other. */
async function twoInACall(meeting: Meeting, room: string) {
  const relay = await meeting.relay();
  const ada = await meeting.join({ room, name: 'Ada', url: relay.url });
  const bob = await meeting.join({ room, name: 'Bob' });
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  const before = await participantId(ada);
  const [seenByAda, seenByBob] = [await record(ada), await record(bob)];
  const gaps = [await watchFrameGap(ada, 'Bob'), await watchFrameGap(bob, 'Ada')];
  return {
    relay,
    ada,
    bob,
    seenByAda,
    async expectUnharmed(states: readonly string[]): Promise<void> {
      const [own = 0, others = 0] = await Promise.all(gaps.map((gap) => gap()));
      console.info(`${room}: pictures stood still for ${Math.round(own)} ms there, ${Math.round(others)} ms here`);
      expect(Math.max(own, others)).toBeLessThan(noGap);
      expect(await seenByAda()).toEqual(states);
      expect(await seenByBob()).toEqual([]);
      expect(await participantId(ada)).toBe(before);
      for (const person of [ada, bob]) expect(await person.page.locator('[data-testid="tile"]').count()).toBe(2);
    },
  };
}

test('a connection that breaks and comes back at once is not noticed by anybody', async ({ meeting }) => {
  const call = await twoInACall(meeting, 'blip');
  const since = Date.now();
  call.relay.cut();
  await untilSeen(call.seenByAda, 'resuming');
  const ms = await msUntilJoined(call.ada, since);
  console.info(`blip: back after ${ms} ms`);
  expect(ms).toBeLessThan(2000);
  await call.expectUnharmed(['resuming', 'joined']);
});

test('while the server is out of reach the call goes on; what happened meanwhile is known after it', async ({
  meeting,
}) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const call = await twoInACall(meeting, 'away');
  const { ada, bob, relay } = call;
  await relay.shut();
  await ada.page.getByText(resumingText).waitFor();
  // Asked while there is nobody to ask: it is done when there is.
  await ada.click('Mute microphone');
  await bob.page.evaluate(async () => {
    await window.plenum.sendChat('one');
    await window.plenum.setMicrophoneEnabled(false);
    await window.plenum.sendChat('two');
  });
  await awayFor(bob, 6000);
  await relay.restore();
  const ms = await msUntilJoined(ada, Date.now());
  console.info(`away: back ${ms} ms after the network`);
  expect(ms).toBeLessThan(2500);
  await ada.page.getByText(resumingText).waitFor({ state: 'detached' });
  await ada.page.waitForFunction(() => window.plenum.chat.map(({ text }) => text).join() === 'one,two');
  await ada.page.getByRole('listitem', { name: 'Bob, muted' }).waitFor();
  await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
  await call.expectUnharmed(['resuming', 'joined']);
});

/** Longer than a participant is kept whose media does not arrive; the others see that its connection is lost. */
async function awayFor(watcher: Person, ms: number): Promise<void> {
  const since = Date.now();
  await waitFor(
    'the time to pass with the participant in its place',
    async () => {
      const [other] = await watcher.page.evaluate(() =>
        [...window.plenum.participants.values()].map((each) => each.connection),
      );
      expect(other).not.toBeUndefined();
      return Date.now() - since > ms && other === 'lost';
    },
    { timeoutMs: ms + 5000, intervalMs: 100 },
  );
}

test('a connection that goes silent is replaced before the server takes it for dead', async ({ meeting }) => {
  const call = await twoInACall(meeting, 'silent');
  const { ada, bob, relay } = call;
  const since = Date.now();
  relay.silence();
  await bob.page.evaluate(() => window.plenum.sendChat('into the void'));
  await untilSeen(call.seenByAda, 'resuming');
  const ms = await msUntilJoined(ada, since);
  console.info(`silent: back after ${ms} ms`);
  expect(ms).toBeLessThan(6000);
  await ada.page.waitForFunction(() => window.plenum.chat.map(({ text }) => text).join() === 'into the void');
  await call.expectUnharmed(['resuming', 'joined']);
});

/** So much happens that the server does not keep all of it. */
async function commotion(url: string, token: string, publish: boolean): Promise<RawClient> {
  const guest = await RawClient.connect(url, token);
  await guest.join({ view: { videos: [] } });
  for (let round = 0; round < 10; round += 1) {
    const entries = Array.from({ length: 32 }, (_, index) => [`key-${index}`, `${round}`.padEnd(1000, 'x')]);
    await guest.request('updateMetadata', { requestId: newRequestId(), metadata: Object.fromEntries(entries) });
    await guest.next('roomChanged', ({ participants = [] }) =>
      participants.some(({ metadata }) => String(metadata['key-0']).startsWith(`${round}x`)),
    );
  }
  if (publish) await guest.request('raiseHand', { requestId: newRequestId(), raised: true });
  return guest;
}

test('where too much was missed a snapshot brings everything, and the pictures go on', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const server = await meeting.serve();
  const call = await twoInACall(meeting, 'much');
  const { ada, bob, relay } = call;
  const visit = await participantId(ada);
  await relay.shut();
  await ada.page.getByText(resumingText).waitFor();
  const guest = await commotion(server.url, await server.token('much', 'guest', 'Guest'), true);
  const gone = await commotion(server.url, await server.token('much', 'gone', 'Gone'), false);
  await gone.request('leave', {});
  await bob.page.evaluate(() => window.plenum.setMicrophoneEnabled(false));
  await waitFor('an attempt', () => ada.problems.length > 0);
  await relay.restore();
  await msUntilJoined(ada, Date.now());
  await ada.page.waitForFunction(() => {
    const [other] = [...window.plenum.participants.values()].filter(({ displayName }) => displayName === 'Guest');
    return window.plenum.participants.size === 2 && other !== undefined && other.handRaisedAt !== null;
  });
  await ada.page.getByRole('listitem', { name: 'Bob, muted' }).waitFor();
  guest.close();
  await ada.page.waitForFunction(() => window.plenum.participants.size === 1);
  await ada.seesPicture(ada.tile('Bob'));
  expect(await participantId(ada)).toBe(visit);
});

test('who sends nothing and receives nothing is kept as well', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const relay = await meeting.relay();
  const query = { video: '0', audio: '0' };
  const ada = await meeting.join({ room: 'quiet', name: 'Ada', url: relay.url, query });
  const bob = await meeting.join({ room: 'quiet', name: 'Bob', query });
  await bob.page.waitForFunction(() => window.plenum.participants.size === 1);
  const [seenByAda, seenByBob] = [await record(ada), await record(bob)];
  // The data channels of both are open.
  await ada.page.evaluate(() => window.plenum.sendData(new Uint8Array([1])));
  await relay.shut();
  await awayFor(bob, 6000);
  await waitFor('an attempt', () => ada.problems.length > 0);
  // Data goes its own way.
  await bob.page.evaluate(() => window.plenum.on('dataReceived', ({ bytes }) => Reflect.set(window, 'got', bytes[0])));
  await ada.page.evaluate(() => window.plenum.sendData(new Uint8Array([7])));
  await bob.page.waitForFunction(() => Reflect.get(window, 'got') === 7);
  await relay.restore();
  await msUntilJoined(ada, Date.now());
  expect(await seenByAda()).toEqual(['resuming', 'joined']);
  expect(await seenByBob()).toEqual([]);
});

test('who leaves while the connection is away is gone within 6 s', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const call = await twoInACall(meeting, 'leaves');
  const { ada, bob, relay }: { ada: Person; bob: Person; relay: Relay } = call;
  await relay.shut();
  await waitFor('an attempt', () => ada.problems.length > 0);
  const since = Date.now();
  await ada.page.evaluate(() => window.plenum.leave());
  await bob.page.waitForFunction(() => window.plenum.participants.size === 0);
  expect(Date.now() - since).toBeLessThan(6000);
  await relay.restore();
});
