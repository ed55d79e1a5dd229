import { expect } from 'vitest';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** Each person on a worker of one's own: what they see and hear of one another comes through pipes. */

const config = { workers: 3, workerMaxConsumers: 1 };
const still = { video: '0', audio: '0' };
const small = { width: 600, height: 400 };

const tallyOf = ({ server }: Meeting) => server.app.engine.status.tally;

function becomesWide(person: Person, name: string, wanted: number): Promise<unknown> {
  const what = `${person.name} to see ${name} ${wanted} pixels wide`;
  const width = async () => (await person.pictureSize(person.tile(name))).width;
  return waitFor(what, async () => (await width()) === wanted, { timeoutMs: 30_000 });
}

test('people on several workers see and hear one another, and what one mutes or ends reaches the others', async ({
  meeting,
}) => {
  await meeting.serve({ config });
  const ada = await meeting.join({ room: 'spread', name: 'Ada' });
  const bob = await meeting.join({ room: 'spread', name: 'Bob' });
  await Promise.all([ada.seesPicture(ada.tile('Bob')), bob.seesPicture(bob.tile('Ada'))]);
  await Promise.all([ada.hears(1), bob.hears(1)]);
  expect(tallyOf(meeting)).toMatchObject({ routers: 2, links: 2, pipesIn: 4, pipesOut: 4, consumers: 4 });
  await ada.click('Mute microphone');
  await bob.hears(0);
  await ada.click('Turn camera off');
  await bob.page.getByRole('listitem', { name: /^Ada, muted, camera off/ }).waitFor();
  await ada.click('Turn camera on');
  await bob.seesPicture(bob.tile('Ada'));
  // The quality of the connection is the one that the publisher's own worker sees.
  const connection = await bob.page.evaluate(() => [...window.plenum.participants.values()][0]?.connection);
  expect(connection).toBe('good');
  await ada.click('Leave');
  await bob.tile('Ada').waitFor({ state: 'detached' });
  await waitFor('one worker to be enough', () => tallyOf(meeting).routers === 1);
  expect(tallyOf(meeting)).toMatchObject({ links: 0, pipesIn: 0, pipesOut: 0, consumers: 0 });
});

test('whoever joins on another worker has a picture soon: the key frame is asked for through the pipe', async ({
  meeting,
}) => {
  await meeting.serve({ config });
  await meeting.join({ room: 'key', name: 'Ada', query: { audio: '0' } });
  // Long after the first key frame, which nobody has seen.
  await waitFor('the camera to send', () => tallyOf(meeting).producers === 1);
  for (const name of ['Bob', 'Eve']) {
    const person = await meeting.join({ room: 'key', name, query: still });
    await person.seesPicture(person.tile('Ada'));
  }
  expect(tallyOf(meeting)).toMatchObject({ pipesIn: 2, consumers: 2 });
});

test('layers follow the size of the tile through a pipe, up and down', async ({ meeting }) => {
  await meeting.serve({ config });
  const large = { width: 2600, height: 1500 };
  await meeting.join({ room: 'layers', name: 'Ada', viewport: { width: 640, height: 480 }, query: { audio: '0' } });
  const eve = await meeting.join({ room: 'layers', name: 'Eve', viewport: large, query: still });
  const bob = await meeting.join({ room: 'layers', name: 'Bob', viewport: small, query: still });
  await becomesWide(eve, 'Ada', 1280);
  await becomesWide(bob, 'Ada', 320);
  await bob.page.setViewportSize(large);
  await becomesWide(bob, 'Ada', 1280);
  await bob.page.setViewportSize(small);
  await becomesWide(bob, 'Ada', 320);
  expect(tallyOf(meeting)).toMatchObject({ routers: 3, pipesIn: 2, consumers: 2 });
});

test('scalable layers (VP9) pass through a pipe: a smaller tile gets a smaller picture of the same stream', async ({
  meeting,
}) => {
  await meeting.serve({ config });
  const ada = await meeting.join({ room: 'svc', name: 'Ada', viewport: small, query: still });
  const bob = await meeting.join({ room: 'svc', name: 'Bob', viewport: small, query: still });
  await ada.page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
    const [track] = stream.getVideoTracks();
    if (track) await window.plenum.publish(track, { source: 'camera', codec: 'vp9', svc: true });
  });
  await bob.seesPicture(bob.tile('Ada'));
  const view = (pixels: number) =>
    bob.page.evaluate((width) => {
      const [publication] = [...window.plenum.participants.values()].flatMap((each) => [...each.publications.values()]);
      if (!publication) throw new Error('Ada publishes nothing');
      const { publicationId } = publication;
      window.plenum.setView({ videos: [{ publicationId, width, height: (width * 9) / 16, priority: 1 }] });
      return publication.spatialLayers;
    }, pixels);
  expect(await view(640)).toBeGreaterThan(1);
  await becomesWide(bob, 'Ada', 640);
  await view(160);
  await becomesWide(bob, 'Ada', 320);
  await view(640);
  await becomesWide(bob, 'Ada', 640);
  expect(tallyOf(meeting)).toMatchObject({ routers: 2, pipesIn: 1, consumers: 1 });
});
