import { expect } from 'vitest';
import { Crowd } from '../support/crowd.ts';
import { test } from '../support/meetingTest.ts';
import { newRequestId } from '../support/RawClient.ts';
import { waitFor } from '../support/waitFor.ts';

const quiet = { video: '0', audio: '0' };

test('in a room of 150 the list of people comes in pages, finds by name and shows raised hands', async ({
  meeting,
}) => {
  const server = await meeting.serve();
  const crowd = await Crowd.join(server, 'big', { count: 149 });
  try {
    const bob = await meeting.join({ room: 'big', name: 'Bob', query: quiet });
    await bob.page.getByRole('button', { name: /150 people/ }).click();
    const rows = bob.page.getByTestId('person');
    await waitFor('the first page', async () => (await rows.count()) >= 50);
    expect(await rows.count()).toBeLessThan(150);
    await bob.page.getByText('150 people', { exact: true }).waitFor();

    const list = bob.page.locator('.people-list');
    await waitFor('all of them', async () => {
      await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      return (await rows.count()) === 150;
    });
    const identities = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-identity')));
    expect(new Set(identities).size).toBe(150);

    const search = bob.page.getByRole('searchbox', { name: 'Search people' });
    await search.fill('PERSON 14');
    await bob.page.getByText('11 of 150').waitFor();
    await waitFor('those who fit', async () => (await rows.count()) === 11);
    await search.fill('nobody at all');
    await bob.page.getByText('Nobody is called “nobody at all”').waitFor();
    await search.fill('');
    await waitFor('everybody again', async () => (await rows.count()) >= 50);

    await crowd.person(148).request('raiseHand', { requestId: newRequestId(), raised: true });
    await bob.page.getByRole('heading', { name: 'Raised hands' }).waitFor();
    expect(await rows.first().getAttribute('data-identity')).toBe('p148');
    // Pinned from the list, though nobody else in the page speaks of that person.
    await rows.first().getByRole('button', { name: 'Pin Person 148' }).click();
    await waitFor('the tile', async () => (await bob.tile('Person 148').getAttribute('data-pinned')) === 'true');
  } finally {
    crowd.close();
  }
});

test('a small list follows the room', async ({ meeting }) => {
  const bob = await meeting.join({ room: 'small-list', name: 'Bob', query: quiet });
  await bob.page.getByRole('button', { name: /1 person/ }).click();
  await bob.page.getByText('Nobody else is here yet').waitFor();
  const ada = await meeting.join({ room: 'small-list', name: 'Ada', query: { video: '0' } });
  const row = (name: RegExp) => bob.page.getByTestId('person').and(bob.page.getByRole('listitem', { name }));
  await row(/^Ada$/).waitFor();
  await row(/^Bob, you, moderator, muted$/).waitFor();
  await ada.click('Mute microphone');
  await row(/^Ada, muted$/).waitFor();
  await ada.click('Raise hand');
  await row(/^Ada, muted, hand raised$/).waitFor();
  await ada.click('Leave');
  await bob.page.getByText('Nobody else is here yet').waitFor();
});
