import { afterEach, expect, test } from 'vitest';
import { hears, passes } from '../support/hearing.ts';
import { setStage } from '../support/stage.ts';
import { Voice } from '../support/Voice.ts';
import { waitFor } from '../support/waitFor.ts';

/** Who is heard in a room over two workers: one participant makes a worker loaded, so that they alternate. */

const limit = 2;
const stage = setStage({ config: { workers: 2, workerMaxConsumers: 1, audioSpeakers: limit } });

const voices: Voice[] = [];
afterEach(() => {
  for (const voice of voices.splice(0)) voice.pause();
});

test('a voice is heard on every worker, wherever it speaks, and its pipe goes when nobody is to hear it', async () => {
  const listeners = [await stage.joined('spread', 'one'), await stage.joined('spread', 'two')];
  for (let index = 0; index < limit + 4; index += 1) {
    voices.push(await Voice.publish(stage, await stage.joined('spread', `guest-${index}`)));
  }
  const placed = stage.server.app.engine.status.workers.map(({ participants }) => participants);
  expect(placed).toEqual([4, 4]);
  const [first, , , , fifth, sixth] = voices;
  sixth?.talk();
  for (const listener of listeners) await hears(stage, listener, [first, sixth]);
  await passes(400);
  fifth?.talk();
  for (const listener of listeners) await hears(stage, listener, [fifth, sixth]);
  // Whoever is heard, or kept for coming back, has one pipe to the other worker; what nobody received lately has none.
  await waitFor('the pipes of those who are heard', () => {
    const { pipesIn, pipesOut } = stage.server.app.engine.status.tally;
    return pipesIn === pipesOut && pipesIn <= limit + 1;
  });
});
