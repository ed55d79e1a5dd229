import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

test('whoever speaks is marked for the others, after every join', async ({ meeting }) => {
  // The fake microphone beeps once a second; beeps are as short as the shortest words.
  await meeting.join({ room: 'speaking', name: 'Ada', query: { video: '0' } });
  for (const name of ['Bob', 'Eve', 'Dan']) {
    const listener = await meeting.join({ room: 'speaking', name, query: { video: '0', audio: '0' } });
    await waitFor(
      `${name} to see that Ada speaks`,
      () => listener.page.evaluate(() => [...window.plenum.participants.values()].some((each) => each.isSpeaking)),
      { timeoutMs: 5000 },
    );
    const level = await listener.page.evaluate(() => window.plenum.speakers[0]?.level);
    expect(level).toBeGreaterThan(-60);
    expect(level).toBeLessThanOrEqual(0);
    await listener.close();
  }
});

test('a muted microphone speaks no more', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'hushed', name: 'Ada', query: { video: '0' } });
  const bob = await meeting.join({ room: 'hushed', name: 'Bob', query: { video: '0', audio: '0' } });
  await waitFor('Bob to see that Ada speaks', () => bob.page.evaluate(() => window.plenum.speakers.length === 1));
  await ada.click('Mute microphone');
  await waitFor('nobody to speak', () => bob.page.evaluate(() => window.plenum.speakers.length === 0));
  const heard = await bob.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let count = 0;
        const off = window.plenum.on('speakersChanged', () => {
          count += window.plenum.speakers.length;
        });
        setTimeout(() => {
          off();
          resolve(count);
        }, 2500);
      }),
  );
  expect(heard).toBe(0);
});
