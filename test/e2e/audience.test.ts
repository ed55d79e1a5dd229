import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** A microphone that is silent until the test lets it sound: `tone(true)`. */
const toneMicrophone = `
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0 });
  const destination = context.createMediaStreamDestination();
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  window.tone = (on) => { gain.gain.value = on ? 0.3 : 0; };
  navigator.mediaDevices.getUserMedia = async () => destination.stream.clone();
`;

function tone(person: Person | undefined, on: boolean): Promise<void> | undefined {
  return person?.page.evaluate((sounds) => Object(window).tone(sounds), on);
}

/** The names of those whose sound arrives and is louder than silence, sorted. */
function heardBy(person: Person): Promise<string[]> {
  return person.page.evaluate(async () => {
    const context = new AudioContext();
    const tracks = [...window.plenum.participants.values()].flatMap((participant) => {
      const track = participant.publication('microphone')?.track;
      if (!track) return [];
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      return [{ name: participant.displayName, analyser }];
    });
    const loud = new Set<string>();
    const samples = new Float32Array(2048);
    const end = performance.now() + 400;
    while (performance.now() < end) {
      for (const { name, analyser } of tracks) {
        analyser.getFloatTimeDomainData(samples);
        if (samples.some((sample) => Math.abs(sample) > 0.01)) loud.add(name);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return [...loud].toSorted();
  });
}

function hears(person: Person, names: string[]): Promise<unknown> {
  const wanted = names.toSorted().join();
  return waitFor(`${person.name} to hear ${wanted}`, async () => (await heardBy(person)).join() === wanted, {
    timeoutMs: 15_000,
  });
}

test('of many microphones the loudest are heard, a new voice at once, and whoever is pinned', async ({ meeting }) => {
  await meeting.serve({ config: { audioSpeakers: 2 } });
  const room = 'loudest';
  const speakers: Person[] = [];
  for (const name of ['Ada', 'Bob', 'Cyd', 'Dan', 'Eve']) {
    speakers.push(await meeting.join({ room, name, query: { video: '0' }, initScript: toneMicrophone }));
  }
  const [ada, bob, cyd, , eve] = speakers;
  const listener = await meeting.join({ room, name: 'Lin', query: { video: '0', audio: '0' } });

  await tone(eve, true);
  await hears(listener, ['Eve']);
  await tone(cyd, true);
  await hears(listener, ['Cyd', 'Eve']);
  // Nobody is heard by oneself, and everybody else as many as the limit says.
  await tone(ada, true);
  await waitFor('the third to be heard in place of another', async () => {
    const heard = await heardBy(listener);
    return heard.length === 2 && heard.includes('Ada');
  });
  if (eve) await hears(eve, ['Ada', 'Cyd']);

  await tone(cyd, false);
  await hears(listener, ['Ada', 'Eve']);
  await listener.page.evaluate(() => window.plenum.setPinned(['nobody']));
  await tone(bob, true);
  await waitFor('Bob to be heard', async () => (await heardBy(listener)).includes('Bob'));
  const others = (await heardBy(listener)).filter((name) => name !== 'Bob');
  const unheard = ['Ada', 'Eve'].find((name) => !others.includes(name)) ?? '';
  const identity = await listener.page.evaluate(
    (name) => [...window.plenum.participants.values()].find(({ displayName }) => displayName === name)?.identity ?? '',
    unheard,
  );
  await listener.page.evaluate((pinned) => window.plenum.setPinned([pinned]), identity);
  await hears(listener, ['Ada', 'Bob', 'Eve']);
  await listener.page.evaluate(() => window.plenum.setPinned([]));
  await waitFor('the pin to be gone', async () => (await heardBy(listener)).length === 2);
  const statuses = () =>
    listener.page.evaluate(() =>
      [...window.plenum.participants.values()].map((each) => each.publication('microphone')?.status).toSorted(),
    );
  // Those who were heard a moment ago are kept for coming back; nobody else is subscribed.
  await waitFor('the statuses', async () => (await statuses()).filter((status) => status === 'active').length === 2);
  for (const status of await statuses()) expect(status).toMatch(/^(active|inaudible|unsubscribed)$/);
  // The page shows nothing amiss with those who are not heard.
  expect(await listener.page.getByRole('alert').count()).toBe(0);
});
