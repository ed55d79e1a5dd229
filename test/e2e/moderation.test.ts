import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

const silent = { video: '0', audio: '0' };

const openPeople = (person: Person) => person.page.getByRole('button', { name: /^Open the list of people/ }).click();
const row = (person: Person, name: RegExp) =>
  person.page.getByTestId('person').and(person.page.getByRole('listitem', { name }));
const menuOf = (person: Person, name: string) => person.button(`Moderate ${name}`);
const focused = (person: Person) => person.page.evaluate(() => document.activeElement?.textContent?.trim());

async function choose(person: Person, name: string, item: string): Promise<void> {
  await menuOf(person, name).click();
  await person.page.getByRole('menuitem', { name: item, exact: true }).click();
}

async function setSwitch(person: Person, name: string): Promise<void> {
  await person.click('Host controls');
  await person.page.getByRole('switch', { name }).click();
  await person.page.keyboard.press('Escape');
}

test('who comes first is the host: mutes, asks, hands moderation over, locks, removes and ends; others are told', async ({
  meeting,
}) => {
  const ada = await meeting.join({ room: 'hosted', name: 'Ada', query: silent });
  const bob = await meeting.join({ room: 'hosted', name: 'Bob', query: { video: '0' } });
  const eve = await meeting.join({ room: 'hosted', name: 'Eve', query: silent });

  // Who may not moderate sees nothing of it, but who may.
  await openPeople(bob);
  await row(bob, /^Ada, moderator, muted$/).waitFor();
  expect(await bob.page.getByRole('button', { name: /Moderate|Host controls|Mute all|for everybody/ }).count()).toBe(0);

  await openPeople(ada);
  await row(ada, /^Bob$/).waitFor();
  await menuOf(ada, 'Bob').press('Enter');
  await ada.page.getByRole('menu', { name: 'Moderate Bob' }).waitFor();
  expect(await focused(ada)).toBe('Mute microphone');
  await ada.page.keyboard.press('ArrowUp');
  expect(await focused(ada)).toBe('Remove…');
  await ada.page.keyboard.press('ArrowDown');
  await ada.page.keyboard.press('Escape');
  expect(await menuOf(ada, 'Bob').evaluate((button) => button === document.activeElement)).toBe(true);

  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.press('Enter');
  await bob.page.getByText('Ada has muted your microphone').waitFor();
  await bob.button('Unmute microphone').waitFor();
  await row(ada, /^Bob, muted$/).waitFor();
  await choose(ada, 'Bob', 'Ask to unmute');
  await bob.page.getByRole('alert').getByText('Ada asks you to unmute').waitFor();
  await bob.click('Unmute');
  await row(ada, /^Bob$/).waitFor();

  // Her row goes elsewhere in the list; her menu stays, as she is now.
  await menuOf(ada, 'Eve').click();
  await eve.click('Raise hand');
  await ada.page.getByRole('menuitem', { name: 'Lower hand', exact: true }).waitFor();
  await row(ada, /^Eve, muted, hand raised$/).waitFor();
  expect(await focused(ada)).toBe('Ask to unmute');
  await ada.page.keyboard.press('Escape');
  expect(await menuOf(ada, 'Eve').evaluate((button) => button === document.activeElement)).toBe(true);
  await ada.click('Lower all');
  await eve.button('Raise hand').waitFor();

  await choose(ada, 'Bob', 'Make moderator');
  await bob.page.getByText('Ada has made you a moderator').waitFor();
  await menuOf(bob, 'Eve').waitFor();
  await choose(ada, 'Bob', 'Take moderation away');
  await bob.button('Host controls').waitFor({ state: 'detached' });
  expect(await menuOf(bob, 'Eve').count()).toBe(0);

  await setSwitch(ada, 'Lock the meeting');
  await bob.page.getByText('Locked', { exact: true }).waitFor();
  await bob.page.getByText('Nobody new comes in. Ada has changed it.').waitFor();
  const mia = await meeting.open({ room: 'hosted', name: 'Mia', query: silent });
  await mia.click('Join');
  await mia.page.getByText('This room is locked').waitFor();

  await choose(ada, 'Eve', 'Remove…');
  const question = ada.page.getByRole('alertdialog', { name: 'Remove Eve?' });
  await question.waitFor();
  expect(await focused(ada)).toBe('Cancel');
  await ada.page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  await choose(ada, 'Eve', 'Remove…');
  await ada.page.getByRole('textbox', { name: 'Reason, if you want to give one' }).fill('Too <b>loud</b>');
  await ada.click('Remove and ban');
  await eve.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor();
  await eve.page.getByText('Ada has removed you from the room for as long as it lasts: Too <b>loud</b>').waitFor();
  await eve.click('Join again');
  await eve.click('Join');
  await eve.page.getByText('You may not enter this room').waitFor();

  // Bans can be seen and lifted.
  await ada.page.evaluate(() => {
    const { plenum } = window;
    const once = () => {
      Reflect.deleteProperty(plenum, 'listBans');
      return Promise.reject(new Error('not this time'));
    };
    Reflect.set(plenum, 'listBans', once);
  });
  await ada.button('Banned').press('Enter');
  await ada.page.getByText('The list could not be loaded').waitFor();
  await ada.click('Try again');
  const ban = ada.page.getByTestId('ban');
  await ban.getByText(/^by Ada, /).waitFor();
  await ban.getByText('Too <b>loud</b>').waitFor();
  await ada.button('Unban Eve').press('Enter');
  await ada.page.getByText('Eve may come in again').waitFor();
  await ada.page.getByText('Nobody is banned from this meeting').waitFor();
  expect(await focused(ada)).toBe('Banned');
  await eve.click('Join');
  await eve.page.getByText('This room is locked').waitFor();

  // On the narrowest phone there is room for all buttons.
  await ada.page.setViewportSize({ width: 320, height: 640 });
  const last = await ada.button('End the meeting for everybody').boundingBox();
  expect((last?.x ?? 320) + (last?.width ?? 0)).toBeLessThanOrEqual(320);

  await ada.click('End the meeting for everybody');
  await ada.click('End for everybody');
  await bob.page.getByRole('heading', { name: 'The meeting is over' }).waitFor();
  await bob.page.getByText('Ada has ended the meeting.').waitFor();
});

test('in a room with a lobby people wait until they are let in, or read that they are not', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'door', name: 'Ada', query: silent });
  await setSwitch(ada, 'Lobby');
  const bob = await meeting.open({ room: 'door', name: 'Bob', query: { ...silent, join: '1' } });
  await bob.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
  await ada.page.getByRole('region', { name: 'Waiting to come in' }).getByText('Bob wants to come in').waitFor();
  await ada.click('Admit');
  await bob.button('Leave').waitFor();
  await ada.tile('Bob').waitFor();

  const eve = await meeting.open({ room: 'door', name: 'Eve', query: silent });
  await eve.click('Join');
  await eve.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
  await openPeople(ada);
  await ada.click('Refuse Eve');
  await ada.page.getByRole('alertdialog', { name: 'Refuse Eve?' }).waitFor();
  expect(await focused(ada)).toBe('Cancel');
  await ada.page.getByRole('textbox', { name: 'Reason, if you want to give one' }).fill('Not <b>yet</b>');
  await ada.click('Refuse');
  await eve.page.getByRole('heading', { name: 'You were not let in' }).waitFor();
  await eve.page.getByText('Ada did not let you in: Not <b>yet</b>').waitFor();
  // Knocking again is allowed; and whoever waits comes in when the lobby goes.
  await eve.click('Join again');
  await eve.click('Join');
  await ada.button('Admit Eve').waitFor();
  expect(await bob.page.getByText(/wants to come in/).count()).toBe(0);
  await setSwitch(ada, 'Lobby');
  await eve.button('Leave').waitFor();

  // With her goes her menu, and nobody's keyboard is lost.
  await menuOf(ada, 'Eve').click();
  await eve.click('Leave');
  await ada.page.getByRole('menu').waitFor({ state: 'detached' });
  expect(await ada.page.locator('.people-list').evaluate((list) => list === document.activeElement)).toBe(true);
});

test('the spotlight is the same for everybody, and people go to a breakout room and back', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'spot', name: 'Ada', query: silent });
  const bob = await meeting.join({ room: 'spot', name: 'Bob', query: { audio: '0' } });
  const eve = await meeting.join({ room: 'spot', name: 'Eve', query: silent });
  await openPeople(ada);
  await choose(ada, 'Bob', 'Spotlight for everybody');
  for (const person of [ada, eve]) await person.page.locator('.tile-focused[data-participant-name="Bob"]').waitFor();
  await row(ada, /^Bob, muted, in the spotlight$/).waitFor();
  // Seeing oneself large helps nobody, but one should know of it.
  await bob.page.locator('[data-local="true"][data-spotlit="true"]').waitFor();
  expect(await bob.page.locator('.tile-focused').count()).toBe(0);
  await choose(ada, 'Bob', 'Take out of the spotlight');
  await eve.page.locator('.tile-focused').waitFor({ state: 'detached' });

  await choose(ada, 'Bob', 'Move to another room…');
  await ada.page.getByRole('textbox', { name: 'Or a room of another name' }).fill('Blue team');
  await ada.page.keyboard.press('Enter');
  await bob.page.getByText('Ada has sent you to another room').waitFor();
  await waitFor('Bob to be there', () => bob.page.evaluate(() => window.plenum.name === 'spot--Blue-team'));
  await ada.tile('Bob').waitFor({ state: 'detached' });

  await choose(ada, 'yourself', 'Go to another room…');
  await ada.click('Blue-team');
  await ada.seesPicture(ada.tile('Bob'));
  await ada.click('Host controls');
  await ada.click('Bring everybody back');
  for (const person of [bob, ada]) await person.tile('Eve').waitFor();
  await eve.seesPicture(eve.tile('Bob'));
});

test('the host of a breakout room moves nobody: nothing offers that', async ({ meeting }) => {
  const dan = await meeting.join({ room: 'apart--1', name: 'Dan', query: silent });
  await dan.click('Host controls');
  await dan.button('Mute all').waitFor();
  expect(await dan.button('Bring everybody back').count()).toBe(0);
  await dan.page.keyboard.press('Escape');
  await openPeople(dan);
  await menuOf(dan, 'yourself').click();
  await dan.page.getByRole('menuitem', { name: 'Give up moderation…' }).waitFor();
  expect(await dan.page.getByRole('menuitem', { name: /another room/ }).count()).toBe(0);
});
