import { expect, onTestFinished } from 'vitest';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { test } from '../support/meetingTest.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import type { TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const quiet = { video: '0', audio: '0' };

/** People without browsers, a few at a time. */
async function crowd(server: TestServer, room: string, count: number): Promise<RawClient[]> {
  const people: RawClient[] = [];
  onTestFinished(() => {
    for (const client of people) client.close();
  });
  while (people.length < count) {
    const numbers = Array.from(
      { length: Math.min(25, count - people.length) },
      (_, index) => people.length + index + 1,
    );
    const coming = numbers.map(async (number) => {
      const client = await RawClient.connect(
        server.url,
        await server.token(room, `guest-${number}`, `Guest ${number}`),
      );
      people.push(client);
      await client.join({ view: { videos: [] } });
    });
    await Promise.all(coming);
  }
  return people;
}

test('in a room of 151 the SDK knows how many there are, who publishes, and finds everybody', async ({ meeting }) => {
  const server = await meeting.serve();
  const people = await crowd(server, 'hall', 150);
  const ada = await meeting.join({ room: 'hall', name: 'Ada', query: quiet });
  const known = () =>
    ada.page.evaluate(() => ({
      count: window.plenum.participantCount,
      partial: window.plenum.isPartialRoster,
      names: [...window.plenum.participants.values()].map(({ displayName }) => displayName),
    }));
  expect(await known()).toEqual({ count: 151, partial: true, names: [] });

  const listed = await ada.page.evaluate(async () => {
    const names: string[] = [];
    const totals = new Set<number>();
    let after: string | undefined;
    do {
      const page = await window.plenum.listParticipants({ limit: 40, ...(after !== undefined && { after }) });
      names.push(
        ...page.participants.map(({ displayName, isLocal }) => (isLocal ? `${displayName} (me)` : displayName)),
      );
      totals.add(page.total);
      after = page.next;
    } while (after !== undefined);
    return { names, totals: [...totals] };
  });
  expect(listed.totals).toEqual([151]);
  expect(listed.names).toEqual(['Ada (me)', ...Array.from({ length: 150 }, (_, index) => `Guest ${index + 1}`)]);
  const found = await ada.page.evaluate(async () => {
    const { participants, total } = await window.plenum.listParticipants({ query: 'GUÉST 14' });
    return { total, names: participants.map(({ displayName }) => displayName) };
  });
  const numbers = [14, 114, ...Array.from({ length: 10 }, (_, index) => 140 + index)];
  expect(found).toEqual({ total: 12, names: numbers.map((number) => `Guest ${number}`) });

  // Who publishes or raises a hand becomes known, and is let go afterwards.
  const [first, second, third] = people;
  if (!first || !second || !third) throw new Error('nobody came');
  const { publicationId } = await first.request('publish', fakeMicrophone(newRequestId()));
  await second.request('raiseHand', { requestId: newRequestId(), raised: true });
  const secondName = await ada.page.waitForFunction(
    () => [...window.plenum.participants.values()].find(({ handRaisedAt }) => handRaisedAt !== undefined)?.displayName,
  );
  const raised = await secondName.jsonValue();
  await ada.page.getByText(`${raised} raised a hand`).waitFor();
  await waitFor('both to be known', async () => (await known()).names.length === 2);
  await third.request('leave', {});
  await ada.page.waitForFunction(() => window.plenum.participantCount === 150);
  await first.request('unpublish', { requestId: newRequestId(), publicationId });
  await second.request('raiseHand', { requestId: newRequestId(), raised: false });
  await waitFor('them to be let go', async () => (await known()).names.length === 0);

  // Her own hand and the sound of others come through as ever.
  await ada.click('Raise hand');
  await first.next(
    'roomChanged',
    ({ participants }) => participants?.some((info) => info.displayName === 'Ada') === true,
  );
  await ada.page.waitForFunction(() => window.plenum.local?.handRaised === true);
  await ada.click('Lower hand');
  await ada.page.waitForFunction(() => window.plenum.local?.handRaised === false);
});

test('from a breakout room everybody is brought back, also those of whom the page does not know', async ({
  meeting,
}) => {
  const server = await meeting.serve({ config: { fullRoster: 2 } });
  const ada = await meeting.join({ room: 'school', name: 'Ada', query: quiet });
  const people = await crowd(server, 'school--blue', 4);
  const participantId = await ada.page.evaluate(() => window.plenum.local?.participantId ?? 'nobody');
  const by = { kind: 'application', name: 'Campus' } as const;
  await server.app.registry.find('school')?.moderation.act(by, { action: 'move', participantId, room: 'school--blue' });
  await ada.page.waitForFunction(() => window.plenum.participantCount === 5 && window.plenum.isPartialRoster);
  expect(await ada.page.evaluate(() => window.plenum.participants.size)).toBe(0);
  await ada.click('Host controls');
  await ada.click('Bring everybody back');
  for (const client of people) expect(await client.next('moved')).toMatchObject({ room: 'school' });
  await ada.page.getByText('Everybody is back in the main room').waitFor();
  await ada.page.waitForFunction(() => window.plenum.name === 'school');
});
