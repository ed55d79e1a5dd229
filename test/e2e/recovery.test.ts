import { expect } from 'vitest';
import { watchFrameGap } from '../support/frameGap.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { RawClient } from '../support/RawClient.ts';
import { waitFor } from '../support/waitFor.ts';

/** Something of the page that a reload would take away. */
const mark = (person: Person) => person.page.evaluate(() => void Reflect.set(window, 'marked', true));
const isMarked = (person: Person) => person.page.evaluate(() => 'marked' in window);

const participantId = (person: Person) => person.page.evaluate(() => window.plenum.local?.participantId);

function back(person: Person, formerId: string | undefined): Promise<unknown> {
  return waitFor(
    `${person.name} to be back`,
    () =>
      person.page.evaluate(
        (former) => window.plenum.state === 'joined' && window.plenum.local?.participantId !== former,
        formerId,
      ),
    { timeoutMs: 20_000 },
  );
}

/** Two people who see each other, Ada with her microphone muted, and how long their pictures stand still from now on. */
async function twoInACall(ada: Person, bob: Person) {
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  await ada.click('Mute microphone');
  await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
  await mark(ada);
  await mark(bob);
  const ids = await Promise.all([participantId(ada), participantId(bob)]);
  const gaps = await Promise.all([watchFrameGap(ada, 'Bob'), watchFrameGap(bob, 'Ada')]);
  return {
    /** Both are in the same call as before; gives the longest time without a new picture. */
    async expectRestored(): Promise<number> {
      await back(ada, ids[0]);
      await back(bob, ids[1]);
      await ada.seesPicture(ada.tile('Bob'));
      await bob.seesPicture(bob.tile('Ada'));
      const longest = Math.max(...(await Promise.all(gaps.map((gap) => gap()))));
      await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
      await ada.button('Unmute microphone').waitFor();
      await ada.hears(1);
      await bob.hears(0);
      for (const person of [ada, bob]) {
        expect(await isMarked(person), 'no reload').toBe(true);
        expect(await person.page.locator('[data-testid="tile"]').count()).toBe(2);
      }
      await ada.click('Unmute microphone');
      await bob.hears(1);
      return longest;
    },
  };
}

/** Keeps nobody whose connection broke: everybody has to join anew. */
const forgetful = { config: { resumeGrace: 0 } };

test('a call goes on by itself after every connection to the server broke', async ({ meeting }) => {
  await meeting.serve(forgetful);
  const relay = await meeting.relay();
  const ada = await meeting.join({ room: 'cut', name: 'Ada', url: relay.url });
  const bob = await meeting.join({ room: 'cut', name: 'Bob', url: relay.url });
  const call = await twoInACall(ada, bob);
  relay.cut();
  const gap = await call.expectRestored();
  console.info(`connections cut: pictures stood still for ${Math.round(gap)} ms`);
  expect(gap).toBeLessThan(5000);
});

test('the same in a room that is too large to tell everybody of everybody', async ({ meeting }) => {
  const server = await meeting.serve({ config: { ...forgetful.config, fullRoster: 2 } });
  const guests = await Promise.all(
    ['guest-1', 'guest-2'].map(async (identity) => {
      const guest = await RawClient.connect(server.url, await server.token('large', identity));
      await guest.join({ view: { videos: [] } });
      return guest;
    }),
  );
  const relay = await meeting.relay();
  const ada = await meeting.join({ room: 'large', name: 'Ada', url: relay.url });
  const bob = await meeting.join({ room: 'large', name: 'Bob', url: relay.url });
  // The guests have nothing to show: they are a number.
  const call = await twoInACall(ada, bob);
  relay.cut();
  await call.expectRestored();
  const known = await ada.page.evaluate(() => [window.plenum.isPartialRoster, window.plenum.participants.size]);
  expect(known).toEqual([true, 1]);
  await ada.page.waitForFunction(() => window.plenum.participantCount === 4);
  for (const guest of guests) guest.close();
});

test('a call goes on by itself after one of the two lost the connection', async ({ meeting }) => {
  await meeting.serve(forgetful);
  const relay = await meeting.relay();
  const ada = await meeting.join({ room: 'one', name: 'Ada', url: relay.url });
  const bob = await meeting.join({ room: 'one', name: 'Bob' });
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  const gaps = [await watchFrameGap(ada, 'Bob'), await watchFrameGap(bob, 'Ada')];
  const before = await participantId(ada);
  relay.cut();
  await back(ada, before);
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  const [own = 0, others = 0] = await Promise.all(gaps.map((gap) => gap()));
  console.info(
    `one connection cut: pictures stood still for ${Math.round(own)} ms there, ${Math.round(others)} ms here`,
  );
  expect(Math.max(own, others)).toBeLessThan(5000);
  expect(await ada.page.locator('[data-testid="tile"]').count()).toBe(2);
  expect(await bob.page.locator('[data-testid="tile"]').count()).toBe(2);
});

test('while the server is away the page says so, and the call goes on when it is back', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  await meeting.serve(forgetful);
  const relay = await meeting.relay();
  const ada = await meeting.join({ room: 'away', name: 'Ada', url: relay.url });
  const bob = await meeting.join({ room: 'away', name: 'Bob', url: relay.url });
  const call = await twoInACall(ada, bob);
  await relay.shut();
  for (const person of [ada, bob]) await person.page.getByText('Connection lost. Rejoining…').waitFor();
  // Long enough for attempts that fail.
  await waitFor('an attempt', () => ada.problems.length > 0);
  await relay.restore();
  await call.expectRestored();
  for (const person of [ada, bob]) {
    await person.page.getByText('Connection lost. Rejoining…').waitFor({ state: 'detached' });
  }
});
