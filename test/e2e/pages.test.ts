import { expect } from 'vitest';
import { Crowd } from '../support/crowd.ts';
import { test as base } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

const quiet = { video: '0', audio: '0' };
const laptop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const test = base.extend<{ fill: (room: string, count: number) => Promise<Crowd> }>({
  fill: async ({ meeting }, use) => {
    const server = await meeting.serve();
    const crowds: Crowd[] = [];
    await use(async (room, count) => {
      const crowd = await Crowd.join(server, room, { count, publish: true });
      crowds.push(crowd);
      return crowd;
    });
    for (const crowd of crowds) crowd.close();
  },
});

/** Identities of the tiles that are shown, in their order. */
function shown(person: Person): Promise<string[]> {
  return person.page
    .locator('[data-testid="tile"]')
    .evaluateAll((tiles) => tiles.map((tile) => (tile instanceof HTMLElement ? (tile.dataset.identity ?? '') : '')));
}

/** Identities of those whose video has arrived at the server's as wanted: what is not, is hidden or not received. */
function received(person: Person): Promise<string[]> {
  return person.page.evaluate(() =>
    [...window.plenum.participants.values()].flatMap((participant) => {
      const camera = participant.publication('camera');
      return camera?.track && camera.status !== 'hidden' ? [participant.identity] : [];
    }),
  );
}

async function untilReceived(person: Person, identities: readonly string[]): Promise<void> {
  await waitFor(
    `the videos of ${identities}`,
    async () => (await received(person)).toSorted().join() === [...identities].toSorted().join(),
  );
}

const others = (identities: string[]) => identities.filter((identity) => /^p\d+$/.test(identity));

test('a grid has pages: each person is on one of them, and what is received is what the page shows', async ({
  meeting,
  fill,
}) => {
  await fill('grid', 12);
  const bob = await meeting.join({ room: 'grid', name: 'Bob', query: quiet, viewport: laptop });
  await bob.page.getByText('Page 1 of 2').waitFor();
  const first = others(await shown(bob));
  expect(first).toHaveLength(8);
  await untilReceived(bob, first);
  // Oneself is on the first page.
  await bob.tile('Bob').waitFor();

  await bob.click('Next page');
  await bob.page.getByText('Page 2 of 2').waitFor();
  const second = others(await shown(bob));
  expect([...first, ...second].toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `p${index}`).toSorted());
  await untilReceived(bob, second);

  // The last page is the last: nothing happens.
  await bob.page.keyboard.press('ArrowRight');
  expect(others(await shown(bob))).toEqual(second);
  await bob.page.keyboard.press('ArrowLeft');
  await bob.page.getByText('Page 1 of 2').waitFor();
  expect(others(await shown(bob))).toEqual(first);
  await untilReceived(bob, first);
});

test('on a phone the pages are smaller, and a swipe turns them', async ({ meeting, fill }) => {
  await fill('phone', 12);
  const bob = await meeting.join({ room: 'phone', name: 'Bob', query: quiet, viewport: phone });
  await bob.page.getByText('Page 1 of 3').waitFor();
  expect(await shown(bob)).toHaveLength(6);
  const swipe = async (from: number, to: number) => {
    const pointer = { pointerId: 7, pointerType: 'touch', isPrimary: true, clientY: 400 };
    const stage = bob.page.locator('.stage');
    await stage.dispatchEvent('pointerdown', { ...pointer, clientX: from });
    await stage.dispatchEvent('pointerup', { ...pointer, clientX: to });
  };
  await swipe(300, 100);
  await bob.page.getByText('Page 2 of 3').waitFor();
  await swipe(100, 300);
  await bob.page.getByText('Page 1 of 3').waitFor();
  await swipe(300, 280);
  await bob.page.getByText('Page 1 of 3').waitFor();
  // Behind a panel that covers them all, no tile is received.
  await bob.page.locator('.people-button').click();
  await untilReceived(bob, []);
  await bob.click('Hide people');
  await untilReceived(bob, others(await shown(bob)));
});

test('who speaks comes to the first page, in place of one who is silent; the others stay', async ({
  meeting,
  fill,
}) => {
  await fill('speaks', 12);
  const bob = await meeting.join({ room: 'speaks', name: 'Bob', query: quiet, viewport: laptop });
  await bob.page.getByText('Page 1 of 2').waitFor();
  const before = others(await shown(bob));
  // Her microphone beeps; she came last, and her place would be on the second page.
  await meeting.join({ room: 'speaks', name: 'Ada', query: { video: '0' } });
  await bob.tile('Ada').waitFor();
  const after = others(await shown(bob));
  expect(after).toHaveLength(before.length - 1);
  expect(before.filter((identity) => !after.includes(identity))).toHaveLength(1);
  expect(after).toEqual(before.filter((identity) => after.includes(identity)));
});

test('the speaker view shows one large, and is remembered', async ({ meeting, fill }) => {
  await fill('speaker', 12);
  const bob = await meeting.join({ room: 'speaker', name: 'Bob', query: quiet, viewport: laptop });
  await meeting.join({ room: 'speaker', name: 'Ada', query: { video: '0' } });
  await bob.tile('Ada').waitFor();
  await bob.click('Speaker view');
  const isLarge = async (name: string) => ((await bob.tile(name).boundingBox())?.width ?? 0) > 600;
  await waitFor('the speaker to be large', () => isLarge('Ada'));
  expect(await bob.page.locator('.tile-focused').count()).toBe(1);
  await bob.page.getByText('Page 1 of 4').waitFor();
  await untilReceived(bob, others(await shown(bob)));

  await bob.page.reload();
  await bob.button('Leave').waitFor();
  await bob.button('Grid view').waitFor();
  await waitFor('one large tile', async () => (await bob.page.locator('.tile-focused').count()) === 1);
  await bob.page.keyboard.press('g');
  await bob.button('Speaker view').waitFor();
  expect(await bob.page.locator('.tile-focused').count()).toBe(0);
});

test('whoever is pinned is large, by mouse or keyboard, from the tile or from the list', async ({ meeting, fill }) => {
  await fill('pins', 12);
  const bob = await meeting.join({ room: 'pins', name: 'Bob', query: quiet, viewport: laptop });
  let heard = '';
  bob.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      heard = /"setView".*"pinned":\[(.*?)\]/.exec(payload.toString())?.[1] ?? heard;
    });
  });
  await bob.page.reload();
  const large = async () =>
    bob.page.locator('.tile-focused').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-identity')));
  const isLarge = (identity: string) =>
    waitFor(`${identity} to be large`, async () => (await large()).join() === identity);

  await bob.button('Pin Person 2').focus();
  await bob.page.keyboard.press('Enter');
  await isLarge('p2');
  await bob.page.getByRole('listitem', { name: /^Person 2, .*pinned/ }).waitFor();
  await untilReceived(bob, others(await shown(bob)));

  // Somebody who is on another page.
  await bob.page.keyboard.press('p');
  await bob.page.getByRole('searchbox').fill('person 11');
  await bob.page.getByTestId('person').getByRole('button', { name: 'Pin Person 11' }).click();
  await isLarge('p11');
  await bob.page.keyboard.press('Escape');
  await bob.page.getByRole('searchbox').waitFor({ state: 'detached' });
  expect((await shown(bob)).slice(0, 2)).toEqual(['p11', 'p2']);
  // Both are heard, however many are louder.
  await waitFor('the server to be told', () => heard === '"p2","p11"');

  await bob.click('Unpin Person 11');
  await isLarge('p2');
  await bob.click('Unpin Person 2');
  await waitFor('the grid', async () => (await large()).length === 0);
  await waitFor('the server to be told', () => heard === '');
});
