import { expect } from 'vitest';
import { watchFrameGap } from '../support/frameGap.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** What people see of a media worker that dies, or hangs: a picture that stands still for a moment. */

/** From now on counts what a page asks the browser for, and keeps the states of its room. */
async function watchPage({ page }: Person): Promise<() => Promise<{ captures: number; states: string[] }>> {
  const seen = await page.evaluateHandle(() => {
    const watched = { captures: 0, states: [] as string[] };
    const { mediaDevices } = navigator;
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = (constraints) => {
      watched.captures += 1;
      return getUserMedia(constraints);
    };
    window.plenum.on('stateChanged', (state) => watched.states.push(state));
    return watched;
  });
  return () => seen.evaluate((watched) => watched);
}

const ids = ({ page }: Person) =>
  page.evaluate(() => ({
    own: window.plenum.local?.participantId,
    published: [...(window.plenum.local?.publications.values() ?? [])].map(({ publicationId }) => publicationId).sort(),
    others: [...window.plenum.participants.values()].flatMap(({ publications }) => [...publications.keys()]).sort(),
  }));

/** What concerns the visit and its media; a socket that breaks besides, on a machine that is held up, does no harm. */
const withoutSockets = (states: readonly string[]) =>
  states.filter((state) => state !== 'resuming').filter((state, index, all) => state !== all[index - 1]);

const faults = [
  ['is killed', 'SIGKILL', 1, 5000, [/"msg":"media worker died"/]],
  ['is killed, and there is another one', 'SIGKILL', 2, 5000, [/"msg":"media worker died"/]],
  ['hangs', 'SIGSTOP', 2, 7000, [/"msg":"media worker hangs/, /"msg":"media worker died"/]],
] as const;

test.for(faults)('a worker %s', async ([_what, signal, workers, most, problems], { meeting }) => {
  const server = await meeting.serve({ config: { workers } });
  for (const problem of problems) meeting.expectProblems(problem);
  const ada = await meeting.join({ room: 'killed', name: 'Ada' });
  const bob = await meeting.join({ room: 'killed', name: 'Bob' });
  const cyd = await meeting.join({ room: 'killed', name: 'Cyd' });
  const people = [ada, bob, cyd];
  for (const person of people) {
    for (const other of people) if (other !== person) await person.seesPicture(person.tile(other.name));
  }
  await ada.click('Mute microphone');
  // Her camera is off: it must not come back by itself.
  await cyd.click('Turn camera off');
  await bob.page.getByRole('listitem', { name: 'Ada, muted' }).waitFor();
  const before = await Promise.all(people.map(ids));
  const pages = await Promise.all(people.map(watchPage));
  const gaps = await Promise.all([
    watchFrameGap(ada, 'Bob'),
    watchFrameGap(bob, 'Ada'),
    watchFrameGap(cyd, 'Ada'),
    watchFrameGap(cyd, 'Bob'),
  ]);
  const pid = server.app.engine.status.workers.find(({ participants }) => participants > 0)?.pid;
  if (!pid) throw new Error('nobody is on a worker');
  process.kill(pid, signal);
  await waitFor(
    'all to be back',
    async () => (await Promise.all(pages.map((page) => page()))).every(({ states }) => states.at(-1) === 'joined'),
    { timeoutMs: 15_000 },
  );
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  await cyd.seesPicture(cyd.tile('Ada'));
  const longest = Math.max(...(await Promise.all(gaps.map((gap) => gap()))));
  console.info(`worker ${signal}, of ${workers}: pictures stood still for ${Math.round(longest)} ms`);
  expect(longest).toBeLessThan(most);
  for (const page of pages) {
    const { captures, states } = await page();
    expect(captures, 'nobody is asked for a device').toBe(0);
    expect(withoutSockets(states)).toEqual(['rebuilding', 'joined']);
  }
  expect(await Promise.all(people.map(ids)), 'the same visits, people and publications as before').toEqual(before);
  expect(server.app.engine.status.pids).not.toContain(pid);
  await ada.button('Unmute microphone').waitFor();
  await cyd.button('Turn camera on').waitFor();
  await ada.hears(2);
  await bob.hears(1);
  await ada.click('Unmute microphone');
  await bob.hears(2);
  await cyd.click('Turn camera on');
  await ada.seesPicture(ada.tile('Cyd'));
  expect((await pages[2]?.())?.captures).toBe(1);
});
