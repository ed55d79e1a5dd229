import { expect } from 'vitest';
import { watchFrameGap } from '../support/frameGap.ts';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { keepPeers, protocols } from '../support/protocols.ts';
import { waitFor } from '../support/waitFor.ts';

/** The debug menu of the demo client: what is broken there comes back by itself. */

async function twoInACall(meeting: Meeting, room: string) {
  await meeting.serve({ config: { workers: 2, simulateFaults: true } });
  const ada = await meeting.join({ room, name: 'Ada', initScript: keepPeers });
  const bob = await meeting.join({ room, name: 'Bob' });
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  await ada.page.evaluate(() => {
    const states: string[] = [];
    window.plenum.on('stateChanged', (state) => states.push(state));
    Reflect.set(window, 'states', states);
  });
  return { ada, bob, longest: [await watchFrameGap(ada, 'Bob'), await watchFrameGap(bob, 'Ada')] };
}

/** As somebody does who has no mouse. */
async function chooseByKeyboard({ page }: Person, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Debug' }).focus();
  await page.keyboard.press('Enter');
  // The browser says later that the menu is open; the first item has the focus then.
  const first = page.getByRole('button', { name: 'Kill my worker' });
  await waitFor('the focus in the menu', () => isFocused(first));
  const chosen = page.getByRole('button', { name: item });
  for (let presses = 0; !(await isFocused(chosen)); presses += 1) {
    expect(presses, `Tab until ${item}`).toBeLessThan(4);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await chosen.waitFor({ state: 'hidden' });
}

const isFocused = (button: ReturnType<Person['button']>) =>
  button.evaluate((element) => element === document.activeElement);

/** Waits until the SDK has gone through these states, and until both see each other. */
async function cameBack({ ada, bob }: { ada: Person; bob: Person }, states: string[]): Promise<void> {
  await waitFor(
    'the connection to be whole again',
    async () => {
      const seen = await ada.page.evaluate((): string[] => Reflect.get(window, 'states'));
      return seen.length >= states.length && seen.at(-1) === 'joined';
    },
    { timeoutMs: 15_000 },
  );
  expect(await ada.page.evaluate(() => Reflect.get(window, 'states'))).toEqual(states);
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  await ada.hears(1);
  await bob.hears(1);
  expect(await ada.button('Debug').isVisible()).toBe(true);
}

async function longestGap(call: Awaited<ReturnType<typeof twoInACall>>, what: string): Promise<number> {
  const longest = Math.max(...(await Promise.all(call.longest.map((gap) => gap()))));
  console.info(`${what}: pictures stood still for ${Math.round(longest)} ms`);
  return longest;
}

test('“Kill my worker”: everybody on it moves, and the call goes on', async ({ meeting }) => {
  meeting.expectProblems(/"msg":"media worker died"/);
  const call = await twoInACall(meeting, 'kill');
  const { pids } = meeting.server.app.engine.status;
  await chooseByKeyboard(call.ada, 'Kill my worker');
  await cameBack(call, ['rebuilding', 'joined']);
  expect(await longestGap(call, 'Kill my worker')).toBeLessThan(5000);
  await waitFor('another worker', () => meeting.server.app.engine.status.running === 2);
  expect(meeting.server.app.engine.status.pids).not.toEqual(pids);
});

test('“Hang my worker”: the watchdog notices, and the call goes on', async ({ meeting }) => {
  meeting.expectProblems(/"msg":"media worker hangs/, /"msg":"media worker died"/);
  const call = await twoInACall(meeting, 'hang');
  await chooseByKeyboard(call.ada, 'Hang my worker');
  await cameBack(call, ['rebuilding', 'joined']);
  expect(await longestGap(call, 'Hang my worker')).toBeLessThan(7000);
});

test('“Drop my connection”: the page says so, pictures go on, and it comes back', async ({ meeting }) => {
  const call = await twoInACall(meeting, 'drop');
  await chooseByKeyboard(call.ada, 'Drop my connection');
  await call.ada.page.getByRole('status').getByText('Reconnecting').waitFor();
  await cameBack(call, ['resuming', 'joined']);
  expect(await longestGap(call, 'Drop my connection')).toBeLessThan(500);
});

test('“Block my UDP”: the media of one come back over TCP', async ({ meeting }) => {
  const call = await twoInACall(meeting, 'block');
  expect(await protocols(call.ada)).toEqual(['udp']);
  await chooseByKeyboard(call.ada, 'Block my UDP');
  await cameBack(call, ['rebuilding', 'joined']);
  await waitFor('TCP alone', async () => (await protocols(call.ada)).join() === 'tcp', { timeoutMs: 10_000 });
  expect(await longestGap(call, 'Block my UDP')).toBeLessThan(6000);
  // The data channels went and came with the transports.
  await call.bob.page.evaluate(() =>
    window.plenum.on('dataReceived', ({ bytes }) => Reflect.set(window, 'got', bytes[0])),
  );
  await call.ada.page.evaluate(() => window.plenum.sendData(new Uint8Array([7])));
  await call.bob.page.waitForFunction(() => Reflect.get(window, 'got') === 7);
});

test('a server that does not simulate faults shows no menu, and refuses', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'safe', name: 'Ada' });
  expect(await ada.button('Debug').count()).toBe(0);
  const refused = await ada.page.evaluate(() =>
    window.plenum.simulateFault('worker-killed').then(
      () => 'done',
      (error) => `${error.code}: ${error.message}`,
    ),
  );
  expect(refused).toMatch(/^forbidden: .*--simulate-faults/);
});
