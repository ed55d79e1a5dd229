import { expect } from 'vitest';
import { plainRoomSettings } from '../../src/protocol/index.ts';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';

const silent = { video: '0', audio: '0' };

const knocking = (person: Person) => person.page.getByRole('heading', { name: 'Waiting to be let in' });
const comingBack = (person: Person) => person.page.getByText('Waiting for a moderator to let you in again…');

const wantsIn = (host: Person, guest: Person) =>
  host.page.getByRole('region', { name: 'Waiting to come in' }).getByText(`${guest.name} wants to come in`);

/** Ada, who is the host, in a room with a lobby. */
async function hosted(meeting: Meeting, room: string, query: Record<string, string>): Promise<Person> {
  await meeting.serve({ config: { roomSettings: { ...plainRoomSettings, lobby: true } } });
  return meeting.join({ room, name: 'Ada', query });
}

async function knock(meeting: Meeting, room: string, query: Record<string, string>): Promise<Person> {
  const bob = await meeting.open({ room, name: 'Bob', query: { join: '1', ...query } });
  await knocking(bob).waitFor();
  return bob;
}

/** The room ends as with a server that is replaced: all come back by themselves, and whoever is first is the host. */
async function startAnew(meeting: Meeting, room: string, people: readonly Person[]) {
  meeting.server.app.registry.find(room)?.close('server-stopping', true);
  const guest = await Promise.any(
    people.map(async (person) => {
      await comingBack(person).waitFor();
      return person;
    }),
  );
  const host = people.find((person) => person !== guest) ?? guest;
  await wantsIn(host, guest).waitFor();
  return { host, guest };
}

test('who has to come back through a lobby stays on the page of the meeting, let in again or not', async ({
  meeting,
}) => {
  const room = 'again';
  const ada = await hosted(meeting, room, {});
  const bob = await knock(meeting, room, {});
  await ada.click('Admit');
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));

  const { host, guest } = await startAnew(meeting, room, [ada, bob]);
  expect(await knocking(guest).count()).toBe(0);
  expect(await guest.page.locator('.tile-speaking').count(), 'nobody is heard').toBe(0);
  // Off before anybody hears it again.
  await guest.click('Mute microphone');
  await guest.button('Unmute microphone').waitFor();
  await host.click('Admit');
  await comingBack(guest).waitFor({ state: 'detached' });
  await host.seesPicture(host.tile(guest.name));
  await guest.seesPicture(guest.tile(host.name));
  await host.page.getByRole('listitem', { name: `${guest.name}, muted` }).waitFor();

  const next = await startAnew(meeting, room, [ada, bob]);
  await next.host.click('Refuse…');
  await next.host.click('Refuse');
  await next.guest.page.getByRole('heading', { name: 'You were not let in' }).waitFor();
  await next.guest.page.getByText(`${next.host.name} did not let you in`).waitFor();
});

test('who waits hears how the meeting has ended, and who has ended it', async ({ meeting }) => {
  const ada = await hosted(meeting, 'over', silent);
  const bob = await knock(meeting, 'over', silent);
  await ada.click('End the meeting for everybody');
  await ada.click('End for everybody');
  await bob.page.getByRole('heading', { name: 'The meeting is over' }).waitFor();
  await bob.page.getByText('Ada has ended the meeting.').waitFor();

  // On the page that asks for a name, too, and where nobody has ended it.
  await ada.click('Join again');
  await ada.click('Join');
  await ada.button('Leave').waitFor();
  await bob.click('Join again');
  await bob.click('Join');
  await knocking(bob).waitFor();
  meeting.server.app.registry.find('over')?.close('time-limit', false);
  await bob.page.getByRole('heading', { name: 'The time is over' }).waitFor();
});
