import { beforeAll, expect, test } from 'vitest';
import type { Notice } from '../../src/protocol/index.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { type LoadContext, LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import type { RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** Real voices over real transports, so many and so restless that everybody would be told something all the time. */

const stage = setStage({ config: { fullRoster: 8 } });
const measuredMs = 4000;
const noVideos = { view: { videos: [] } };

let context: LoadContext;
beforeAll(async () => {
  context = await createContext();
}, 120_000);

interface Heard {
  at: number;
  name: 'speakers' | 'quality';
  payload: unknown;
}

/** What a client hears of speakers and quality from now on. */
function listen(client: RawClient): Heard[] {
  const heard: Heard[] = [];
  for (const name of ['speakers', 'quality'] as const) {
    client.socket.on(name, (payload: unknown) => heard.push({ at: performance.now(), name, payload }));
  }
  return heard;
}

const speakersIn = (heard: readonly Heard[]) =>
  heard.filter(({ name }) => name === 'speakers').map(({ payload }) => (payload as Notice<'speakers'>).speakers);
const connectionsIn = (heard: readonly Heard[]) =>
  heard.filter(({ name }) => name === 'quality').flatMap(({ payload }) => (payload as Notice<'quality'>).connections);

/** People who take turns in fractions of a second, while connections come and go; for some seconds. */
async function commotion(room: string, listeners: readonly RawClient[]) {
  const talkers = await Promise.all(
    ['ada', 'bob', 'cyd'].map(async (identity) => {
      const token = await stage.server.token(room, identity);
      const participant = await LoadParticipant.join(context, { url: stage.server.url, token, receive: false });
      const { sender } = await participant.publishAudio();
      return { participant, sender };
    }),
  );
  const heard = listeners.map(listen);
  const [{ participants } = { participants: [] }] = stage.server.app.registry.rooms.filter(({ name }) => name === room);
  const startedAt = performance.now();
  let turn = 0;
  const restless = setInterval(() => {
    turn += 1;
    for (const [index, { sender }] of talkers.entries()) {
      if ((turn + index) % 3 === 0) sender.hush();
      else sender.speak(-15 - ((turn * 7 + index * 11) % 40));
    }
    for (const [index, participant] of participants.entries()) participant.setSilent((turn + index) % 2 === 0);
  }, 90);
  try {
    await waitFor('the end of the measurement', () => performance.now() - startedAt > measuredMs, {
      timeoutMs: 20_000,
    });
  } finally {
    clearInterval(restless);
    for (const { sender } of talkers) sender.hush();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await waitFor('silence', () => heard.every((list) => speakersIn(list).at(-1)?.length === 0));
  const end = startedAt + seconds * 1000;
  return {
    seconds,
    during: heard.map((list) => list.filter(({ at }) => at <= end)),
    close: () => Promise.all(talkers.map(({ participant }) => participant.close())),
  };
}

function expectCalm(heard: readonly Heard[], seconds: number): void {
  expect(heard.length).toBeLessThanOrEqual(2 * seconds + 1);
  // Both are told, and not once in a while only.
  expect(heard.length).toBeGreaterThan(seconds);
  const lists = speakersIn(heard).map((speakers) => JSON.stringify(speakers));
  expect(lists.length).toBeGreaterThan(seconds / 2);
  expect(lists.some((list, index) => list === lists[index - 1])).toBe(false);
}

test('however restless a room is, each one is told twice a second at most', async () => {
  const listeners = await Promise.all(['eve', 'fay'].map((identity) => stage.joined('small', identity, noVideos)));
  const { during, seconds, close } = await commotion('small', listeners);
  for (const heard of during) {
    expectCalm(heard, seconds);
    // In a small room the connections of all concern everybody.
    expect(new Set(connectionsIn(heard).map(({ participantId }) => participantId)).size).toBe(5);
  }
  await close();
});

test('in a large room the same, and of connections only those that concern one', async () => {
  const listeners = await Promise.all(
    Array.from({ length: 9 }, (_, index) => stage.joined('large', `listener-${index}`, noVideos)),
  );
  const { during, seconds, close } = await commotion('large', listeners);
  const strangers = new Set(listeners.map(({ answer }) => answer.participantId));
  for (const [index, heard] of during.entries()) {
    expectCalm(heard, seconds);
    const about = new Set(connectionsIn(heard).map(({ participantId }) => participantId));
    const own = listeners[index]?.answer.participantId ?? '';
    expect(about.has(own)).toBe(true);
    expect([...about].filter((participantId) => strangers.has(participantId) && participantId !== own)).toEqual([]);
    // The three whose voices are received.
    expect(about.size).toBe(4);
  }
  await close();
});
