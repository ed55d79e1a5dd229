import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

const quiet = { video: '0', audio: '0' };

test('a raised hand is seen by the others until it is lowered', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'hands', name: 'Ada', query: quiet });
  const bob = await meeting.join({ room: 'hands', name: 'Bob', query: quiet });
  await ada.click('Raise hand');
  await bob.page.getByRole('listitem', { name: /^Ada.*, hand raised/ }).waitFor();
  await bob.page.getByText('Ada raised a hand').waitFor();
  // Also by those who come later.
  const eve = await meeting.join({ room: 'hands', name: 'Eve', query: quiet });
  await eve.page.getByRole('listitem', { name: /^Ada.*, hand raised/ }).waitFor();
  await ada.click('Lower hand');
  await waitFor('the hand to be down', async () => {
    const raised = bob.page.getByRole('listitem', { name: /hand raised/ });
    return (await raised.count()) === 0;
  });
});

test('whoever finds the room full reads so, and gets in when there is room again', async ({ meeting }) => {
  await meeting.serve({ config: { maxParticipants: 1 } });
  const ada = await meeting.join({ room: 'small', name: 'Ada', query: quiet });
  const bob = await meeting.open({ room: 'small', name: 'Bob', query: quiet });
  await bob.click('Join');
  await bob.page.getByRole('alert').getByText('This room is full').waitFor();
  expect(await ada.page.locator('[data-testid="tile"]').count()).toBe(1);
  await ada.click('Leave');
  await ada.page.getByText('You left the meeting').waitFor();
  await bob.click('Join');
  await bob.button('Leave').waitFor();
});

test('a lobby whose server is away says so until it is back', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const relay = await meeting.relay();
  const ada = await meeting.open({ room: 'lobby', name: 'Ada', query: quiet, url: relay.url });
  await waitFor('the lobby to be connected', () => ada.page.evaluate(() => window.plenum?.state === 'prepared'));
  await relay.shut();
  await ada.click('Join');
  const message = ada.page.getByRole('alert').getByText('The server cannot be reached');
  await message.waitFor();
  await relay.restore();
  await message.waitFor({ state: 'detached' });
  await ada.click('Join');
  await ada.button('Leave').waitFor();
});

test('an address that leads nowhere says so, and a slash behind a room does no harm', async ({ meeting }) => {
  const server = await meeting.serve();
  // The status of such a page is for programs; the browser writes it into its console.
  meeting.expectProblems(/status of 404/);
  const ada = await meeting.open({ room: 'slash/', name: 'Ada', query: quiet });
  await ada.button('Join').waitFor();
  for (const path of ['/nothing', '/r/one/two', '/deep/down/here']) {
    await ada.page.goto(`${server.url}${path}`);
    await ada.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  }
  await ada.page.getByRole('link', { name: 'Go to the start page' }).click();
  await ada.page.getByRole('textbox').first().waitFor();
  expect(new URL(ada.page.url()).pathname).toBe('/');
});
