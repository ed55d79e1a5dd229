import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

const names = ['Ada', 'Bob', 'Eve'] as const;

/** When the last tile of somebody goes from a page, in milliseconds since 1970 by the page's clock. */
function whenGone(person: Person, name: string): Promise<number> {
  return person.page.evaluate(
    (of) =>
      new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector(`[data-testid="tile"][data-participant-name="${of}"]`)) return;
          observer.disconnect();
          resolve(performance.timeOrigin + performance.now());
        });
        observer.observe(document.body, { childList: true, subtree: true });
      }),
    name,
  );
}

/** When somebody next clicks, by the same clock. */
function whenClicked(person: Person): Promise<number> {
  return person.page.evaluate(
    () =>
      new Promise((resolve) => {
        const clicked = () => resolve(performance.timeOrigin + performance.now());
        document.addEventListener('click', clicked, { capture: true, once: true });
      }),
  );
}

test('three people see each other move and hear each other', async ({ meeting }) => {
  const people = [];
  for (const name of names) people.push(await meeting.join({ room: 'three', name }));
  for (const person of people) {
    for (const name of names) await person.seesPicture(person.tile(name));
    await person.hears(2);
  }
});

test('two rooms do not leak into each other', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'one', name: 'Ada' });
  const bob = await meeting.join({ room: 'two', name: 'Bob' });
  const eve = await meeting.join({ room: 'one', name: 'Eve' });
  await ada.seesPicture(ada.tile('Eve'));
  await eve.seesPicture(eve.tile('Ada'));
  await ada.page.evaluate(() => window.plenum.sendChat('only for room one'));
  await waitFor('the message', () => eve.page.evaluate(() => window.plenum.chat.length === 1));
  expect(await bob.page.locator('[data-testid="tile"]').count()).toBe(1);
  expect(
    await bob.page.evaluate(() => ({ chat: window.plenum.chat.length, others: window.plenum.participants.size })),
  ).toEqual({
    chat: 0,
    others: 0,
  });
});

test('somebody who leaves is gone for the others within a second', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'leave', name: 'Ada' });
  const bob = await meeting.join({ room: 'leave', name: 'Bob' });
  await ada.seesPicture(ada.tile('Bob'));
  const times = Promise.all([whenClicked(bob), whenGone(ada, 'Bob')]);
  await bob.click('Leave');
  const [clicked, gone] = await times;
  expect(gone - clicked).toBeLessThan(1000);
  await bob.page.getByText(/left/i).first().waitFor();
});

test('somebody who closes the tab is gone for the others within a second', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'tab', name: 'Ada' });
  const bob = await meeting.join({ room: 'tab', name: 'Bob' });
  await ada.tile('Bob').waitFor();
  const gone = whenGone(ada, 'Bob');
  // The page cannot tell when it went: the time before it is told to is the earlier one.
  const closedAt = Date.now();
  await bob.closeTab();
  expect((await gone) - closedAt).toBeLessThan(1000);
});

test('a killed tab is gone for the others within six seconds', async ({ meeting }) => {
  const browser = await meeting.browser();
  const ada = await meeting.join({ room: 'killed', name: 'Ada' });
  const bob = await meeting.join({ room: 'killed', name: 'Bob', browser });
  await ada.seesPicture(ada.tile('Bob'));
  // The renderer dies without a word: no handler of the page runs.
  bob.forgiveCrash();
  const session = await bob.page.context().newCDPSession(bob.page);
  session.send('Page.crash').catch(() => undefined);
  await ada.tile('Bob').waitFor({ state: 'detached', timeout: 6000 });
});

test('after everybody has left, nothing is left on the server', async ({ meeting }) => {
  const server = await meeting.serve();
  const ada = await meeting.join({ room: 'empty', name: 'Ada' });
  const bob = await meeting.join({ room: 'empty', name: 'Bob' });
  await ada.seesPicture(ada.tile('Bob'));
  await ada.click('Leave');
  await bob.click('Leave');
  const left = () => Object.values(server.app.engine.status.tally).reduce((sum, count) => sum + count, 0);
  await waitFor('an empty server', () => left() === 0);
  expect(server.app.registry.rooms).toHaveLength(0);
});

test('what was said before is there for those who come later, as text', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'chat', name: 'Ada' });
  await ada.click('Open chat');
  await ada.page.getByRole('textbox').fill('<img src=x onerror="window.hacked = true"> hello');
  await ada.page.keyboard.press('Enter');
  const bob = await meeting.join({ room: 'chat', name: 'Bob' });
  await bob.click('Open chat');
  await bob.page.getByText('<img src=x onerror="window.hacked = true"> hello').waitFor();
  expect(await bob.page.evaluate(() => 'hacked' in window)).toBe(false);
});
