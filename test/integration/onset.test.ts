import type { types } from 'mediasoup';
import { afterEach, expect, test } from 'vitest';
import { setStage } from '../support/stage.ts';
import { Voice } from '../support/Voice.ts';
import { waitFor } from '../support/waitFor.ts';

/**
 * How long it takes from the first loud packet in the worker until a new voice flows to every one of many listeners. The
 * length of a packet and the way to the listener come on top: test/bench has all of it.
 */

const stage = setStage({ config: { workers: 1 } });
const people = 100;
const speakers = 12;
const mostMs = 250;

const voices: Voice[] = [];
afterEach(() => {
  for (const voice of voices.splice(0)) voice.pause();
});

async function meeting(room: string): Promise<void> {
  for (let index = 0; index < people; index += 1) {
    const person = await stage.joined(room, `person-${index}`);
    if (index < speakers) voices.push(await Voice.publish(stage, person));
  }
}

interface Watch {
  flowing: number;
  lastAt: number;
  stop(): void;
}

/** Counts the consumers by which a voice flows to participants, and notes when the last one came. */
function watch({ publicationId }: Voice): Watch {
  const existing = stage.consumers.filter(({ producerId }) => producerId === publicationId);
  const paused = existing.filter((consumer) => consumer.paused);
  const transports = [...stage.routers.values()].flatMap((each) => [...each]);
  const flows = () => {
    watched.flowing += 1;
    watched.lastAt = performance.now();
  };
  const made = (consumer: types.Consumer) => {
    if (consumer.producerId === publicationId && !consumer.paused) flows();
  };
  const watched = {
    // One of them is the server's own, which reads the levels.
    flowing: existing.length - paused.length - 1,
    lastAt: 0,
    stop: () => {
      for (const { observer } of transports) observer.off('newconsumer', made);
      for (const { observer } of paused) observer.off('resume', flows);
    },
  };
  for (const { observer } of transports) observer.on('newconsumer', made);
  for (const { observer } of paused) observer.once('resume', flows);
  return watched;
}

/** Milliseconds from the first loud packet until the voice flows to everybody else; 0 where it did before. */
async function timeToAll(voice: Voice, everyMs: number): Promise<number> {
  const watched = watch(voice);
  const since = performance.now();
  voice.talk(-25, everyMs);
  await waitFor('all to hear the voice', () => watched.flowing === people - 1, { intervalMs: 5 });
  watched.stop();
  return Math.max(0, watched.lastAt - since);
}

test.for([20, 60])(
  'a hundred people hear a new voice at once, with packets of %i ms',
  { timeout: 60_000 },
  async (everyMs) => {
    await meeting(`onset-${everyMs}`);
    const times: number[] = [];
    // The first time each voice needs new consumers; after that those are let go again which were kept.
    for (const voice of [...voices, ...voices, ...voices]) {
      times.push(await timeToAll(voice, everyMs));
      const until = performance.now() + 320;
      await waitFor('a sentence', () => performance.now() > until, { intervalMs: 5 });
      voice.pause();
    }
    const [p95 = Number.NaN] = times.toSorted((a, b) => b - a).slice(Math.floor(times.length / 20));
    expect(p95).toBeLessThan(mostMs);
  },
);
