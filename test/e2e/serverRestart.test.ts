import { afterEach, expect } from 'vitest';
import { watchFrameGap } from '../support/frameGap.ts';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { ServerProcess } from '../support/ServerProcess.ts';
import { steadyPort } from '../support/steadyPort.ts';
import { waitFor } from '../support/waitFor.ts';

/** The server goes and another one comes, on purpose or not: nobody reloads, nobody is there twice. */

const started: ServerProcess[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.cleanUp();
});

function start(...args: string[]): ServerProcess {
  const server = new ServerProcess({ detached: true, args });
  started.push(server);
  return server;
}

const mark = (person: Person) => person.page.evaluate(() => void Reflect.set(window, 'marked', true));
const self = (person: Person) =>
  person.page.evaluate(() => ({
    state: window.plenum.state,
    identity: window.plenum.local?.identity,
    participantId: window.plenum.local?.participantId,
    others: [...window.plenum.participants.values()].map(({ identity }) => identity),
    marked: 'marked' in window,
  }));

/** Ada, who is muted, and Bob see each other; the server that comes next has to have them back soon. */
async function callOn(server: ServerProcess, meeting: Meeting) {
  const url = await server.ready();
  const ada = await meeting.join({ room: 'restart', name: 'Ada', url });
  const bob = await meeting.join({ room: 'restart', name: 'Bob', url });
  const people = [ada, bob];
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  await ada.click('Mute microphone');
  await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
  await ada.hears(1);
  for (const person of people) await mark(person);
  const before = await Promise.all(people.map(self));
  const gaps = await Promise.all([watchFrameGap(ada, 'Bob'), watchFrameGap(bob, 'Ada')]);
  return {
    ada,
    bob,
    longestGap: async () => Math.max(...(await Promise.all(gaps.map((gap) => gap())))),
    /** Milliseconds until both were back in the call, from now on. */
    async back(): Promise<number> {
      const since = Date.now();
      for (const [index, person] of people.entries()) {
        const former = before[index]?.participantId;
        await waitFor(`${person.name} to be back`, async () => {
          const { state, participantId } = await self(person);
          return state === 'joined' && participantId !== former;
        });
      }
      return Date.now() - since;
    },
    async expectSame(): Promise<void> {
      await ada.seesPicture(ada.tile('Bob'));
      await bob.seesPicture(bob.tile('Ada'));
      await ada.hears(1);
      await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
      await bob.hears(0);
      for (const [index, person] of people.entries()) {
        const now = await self(person);
        expect(now).toMatchObject({ state: 'joined', marked: true, identity: before[index]?.identity });
        expect(now.others).toEqual(before[index]?.others);
        expect(await person.page.locator('[data-testid="tile"]').count()).toBe(2);
      }
      const adminUrl = await started.at(-1)?.adminUrl();
      const health = await (await fetch(`${adminUrl}/health`)).json();
      expect(health).toMatchObject({ rooms: 1, participants: 2, sockets: 2 });
    },
  };
}

/** What browsers say of a server that is not there, or goes in the middle of an answer. */
const away = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE/;
const replaced = 'This server will be replaced. You will be moved without doing anything.';

test('a server that gets SIGTERM: pictures and sound go on for 20 s; then everybody is moved to the next', async ({
  meeting,
}) => {
  meeting.expectProblems(away);
  const port = String(await steadyPort());
  const old = start('--port', port, '--drain-seconds', '22');
  const call = await callOn(old, meeting);
  const { ada, bob } = call;
  process.kill(-old.pid, 'SIGTERM');
  const since = Date.now();
  for (const person of [ada, bob]) await person.page.getByText(replaced).waitFor();
  await waitFor('20 s to pass', () => Date.now() - since > 20_000, { timeoutMs: 21_000, intervalMs: 250 });
  const gap = await call.longestGap();
  console.info(`draining: in 20 s pictures stood still for ${Math.round(gap)} ms at most`);
  expect(gap).toBeLessThan(1000);
  await ada.hears(1);
  expect((await self(ada)).state).toBe('joined');
  const { code } = await old.end();
  expect(code).toBe(0);
  expect(Date.now() - since).toBeLessThan(27_000);
  expect(old.workers()).toEqual([]);
  const next = start('--port', port);
  await next.ready();
  const back = await call.back();
  console.info(`moved to the next server: back ${back} ms after it listened`);
  expect(back).toBeLessThan(3000);
  await call.expectSame();
  for (const person of [ada, bob]) await person.page.getByText(replaced).waitFor({ state: 'detached' });
});
