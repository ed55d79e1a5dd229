import { expect } from 'vitest';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { keepPeers } from '../support/protocols.ts';
import { watchTile } from '../support/tileWatch.ts';
import { WorkerGate } from '../support/WorkerGate.ts';
import { waitFor } from '../support/waitFor.ts';

/** What people read, and what they look at, while something fails. */

const rejoining = 'Connection lost. Rejoining…';
const moving = 'The server is moving your call. One moment…';
const interrupted = 'Sound and pictures do not come through. Reconnecting…';
const back = 'You are back.';

async function twoInACall(meeting: Meeting, room: string, urls: { ada?: string; bob?: string } = {}) {
  const ada = await meeting.join({ room, name: 'Ada', ...(urls.ada !== undefined && { url: urls.ada }) });
  const bob = await meeting.join({ room, name: 'Bob', ...(urls.bob !== undefined && { url: urls.bob }) });
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  return { ada, bob };
}

const line = (person: Person) => person.page.getByTestId('call-status');

/** Nothing is said any more. */
async function isQuiet(person: Person): Promise<void> {
  await waitFor(`${person.name} to read nothing`, async () => (await line(person).innerText()) === '', {
    timeoutMs: 10_000,
  });
}

test.for([
  ['dies', 'at once', 'SIGKILL', [/"msg":"media worker died"/]],
  ['hangs', 'after a while', 'SIGSTOP', [/"msg":"media worker hangs/, /"msg":"media worker died"/]],
] as const)(
  'a worker that %s, and is replaced %s: the last picture stays in its place until there is another one',
  async ([what, when, signal, problems], { meeting }) => {
    const server = await meeting.serve({ config: { workers: 1 } });
    meeting.expectProblems(...problems);
    const { ada } = await twoInACall(meeting, what);
    const watch = await watchTile(ada, 'Bob');
    const gate = when === 'at once' ? undefined : WorkerGate.shut();
    for (const pid of server.app.engine.status.pids) process.kill(pid, signal);
    if (gate) await line(ada).getByText(interrupted).waitFor();
    gate?.open();
    await waitFor('the loss', async () => (await watch()).still, { timeoutMs: 15_000 });
    await waitFor('all to be well', () => ada.page.evaluate(() => window.plenum.trouble === undefined), {
      timeoutMs: 15_000,
    });
    await ada.seesPicture(ada.tile('Bob'));
    await isQuiet(ada);
    const seen = await watch();
    expect(seen.places, 'the tile did not move').toHaveLength(1);
    expect(seen.darkest, 'never black').toBeGreaterThan(10);
    expect(seen.emptiest, 'never without a picture').toBe(255);
    // What is over in a moment may go untold; whether the page or the server finds it first is not decided.
    if (gate || seen.said.length > 0) {
      expect(seen.said[0]).toBeOneOf(gate ? [interrupted] : [interrupted, moving]);
      expect(seen.said.at(-1)).toBe(back);
      expect([interrupted, moving, back]).toEqual(expect.arrayContaining(seen.said));
    }
    expect(await ada.tile('Bob').getAttribute('class')).not.toContain('tile-still');
  },
);

test('the connection to the server is away: pictures go on, undimmed, while it is said', async ({ meeting }) => {
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const relay = await meeting.relay();
  const { ada, bob } = await twoInACall(meeting, 'socket', { ada: relay.url });
  const [watch, others] = [await watchTile(ada, 'Bob'), await watchTile(bob, 'Ada')];
  await relay.shut();
  await line(ada).getByText('Reconnecting… You still see and hear the others.').waitFor();
  // Bob still sees her move; that she cannot be reached otherwise is written on her tile.
  await bob.tile('Ada').getByText('Reconnecting…').waitFor();
  await waitFor('an attempt', () => ada.problems.length > 0);
  await relay.restore();
  await line(ada).getByText(back).waitFor();
  await isQuiet(ada);
  await bob.tile('Ada').getByText('Reconnecting…').waitFor({ state: 'detached' });
  for (const [person, look] of [
    [ada, watch],
    [bob, others],
  ] as const) {
    const seen = await look();
    expect(seen.places, person.name).toHaveLength(1);
    expect(seen.still, person.name).toBe(false);
    expect(seen.emptiest, person.name).toBe(255);
  }
  expect(await others().then(({ said }) => said)).toEqual([]);
});

test('all have to join anew: tiles stay for those who are not back yet, and nobody is told to have left', async ({
  meeting,
}) => {
  // Keeps nobody whose connection broke.
  await meeting.serve({ config: { resumeGrace: 0 } });
  meeting.expectProblems(/ERR_CONNECTION_REFUSED/);
  const [near, far] = [await meeting.relay(), await meeting.relay()];
  const { ada, bob } = await twoInACall(meeting, 'anew', { ada: near.url, bob: far.url });
  // The news of the join.
  await ada.page.locator('.notice').first().waitFor({ state: 'detached', timeout: 20_000 });
  const watch = await watchTile(ada, 'Bob');
  await Promise.all([near.shut(), far.shut()]);
  await line(ada).getByText(rejoining).waitFor();
  await waitFor('an attempt', () => ada.problems.length > 0 && bob.problems.length > 0);
  await near.restore();
  await line(ada).getByText(back).waitFor();
  // She is back before he is.
  expect(await ada.page.evaluate(() => window.plenum.participants.size)).toBe(0);
  await ada.tile('Bob').getByText('Reconnecting…').waitFor();
  await far.restore();
  await waitFor('both to be there', () => ada.page.evaluate(() => window.plenum.participants.size === 1));
  await ada.seesPicture(ada.tile('Bob'));
  await isQuiet(ada);
  const seen = await watch();
  // On a machine that is held up it may happen twice.
  expect([seen.said[0], seen.said.at(-1)]).toEqual([rejoining, back]);
  expect(new Set(seen.said)).toEqual(new Set([rejoining, back]));
  expect(seen.places, 'the tile did not move').toHaveLength(1);
  expect(seen.darkest, 'never black').toBeGreaterThan(10);
  expect(seen.emptiest, 'never without a picture').toBe(255);
  expect(seen.notices).toEqual([]);
  expect(await ada.page.getByTestId('tile').count()).toBe(2);
});

/** What a page sends can be stopped without the page knowing of it. */
async function sendVideo({ page }: Person, active: boolean): Promise<void> {
  await page.evaluate(async (on) => {
    const peers: RTCPeerConnection[] = Reflect.get(window, 'peers');
    const senders = peers.flatMap((peer) => peer.getSenders()).filter(({ track }) => track?.kind === 'video');
    for (const sender of senders) {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) encoding.active = on;
      await sender.setParameters(parameters);
    }
  }, active);
}

test('somebody whose pictures do not arrive any more: the tile says so, with the last one dimmed', async ({
  meeting,
}) => {
  const ada = await meeting.join({ room: 'still', name: 'Ada' });
  const bob = await meeting.join({ room: 'still', name: 'Bob', initScript: keepPeers });
  await ada.seesPicture(ada.tile('Bob'));
  const watch = await watchTile(ada, 'Bob');
  await sendVideo(bob, false);
  await ada.tile('Bob').getByText('Poor network, picture stands still').waitFor();
  expect(await ada.tile('Bob').getAttribute('aria-label')).toContain('picture stands still');
  expect((await watch()).still).toBe(true);
  await sendVideo(bob, true);
  await ada.tile('Bob').getByText('Poor network').waitFor({ state: 'detached' });
  await ada.seesPicture(ada.tile('Bob'));
  const seen = await watch();
  expect(seen.emptiest).toBe(255);
  expect(seen.places).toHaveLength(1);
  expect(seen.said, 'her own connection is fine').toEqual([]);
});
