import { afterEach, expect, test } from 'vitest';
import { fakeCamera } from '../support/fakeMedia.ts';
import { heardBy, hears as hearsExactly, idsOf, passes } from '../support/hearing.ts';
import { newRequestId } from '../support/RawClient.ts';
import { received, receiving, subscriptionsOf } from '../support/received.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { Voice, type VoiceOptions } from '../support/Voice.ts';
import { waitFor } from '../support/waitFor.ts';

/** Who is heard when people speak: packets with levels go through real workers. */

const limit = 2;
const stage = setStage({ config: { audioSpeakers: limit, autoViewVideos: 2, hiddenGrace: 0 } });

const voices: Voice[] = [];
afterEach(() => {
  for (const voice of voices.splice(0)) voice.pause();
});

async function voiceOf(person: Joined, options?: VoiceOptions): Promise<Voice> {
  const voice = await Voice.publish(stage, person, options);
  voices.push(voice);
  return voice;
}

/** People with microphones, and a listener who came first. */
async function meeting(room: string, people: number): Promise<{ listener: Joined; guests: Voice[] }> {
  const listener = await stage.joined(room, 'listener');
  const guests: Voice[] = [];
  for (let index = 0; index < people; index += 1) {
    guests.push(await voiceOf(await stage.joined(room, `guest-${index}`)));
  }
  return { listener, guests };
}

const heard = (person: Joined) => heardBy(stage, person);
const hears = (person: Joined, wanted: (Voice | undefined)[]) => hearsExactly(stage, person, wanted);

/** Lets time pass in which nothing may change. */
async function stays(person: Joined, wanted: (Voice | undefined)[], ms: number): Promise<void> {
  const until = performance.now() + ms;
  await waitFor(
    'time to pass',
    () => {
      expect(heard(person)).toEqual(idsOf(wanted));
      return performance.now() > until;
    },
    { intervalMs: 5 },
  );
}

test('whoever begins to speak is heard by all, by one word, and keeps the place', async () => {
  const { listener, guests } = await meeting('begin', limit + 4);
  const [first, second, third, , fifth, sixth] = guests;
  await hears(listener, [first, second]);
  sixth?.talk();
  await hears(listener, [sixth, first]);
  sixth?.pause();
  fifth?.say(-30);
  await hears(listener, [fifth, sixth]);
  await hears(third?.person as Joined, [fifth, sixth]);
  // A speaker does not hear itself, but as many others.
  await waitFor('the speaker to hear others', () => heard(fifth?.person as Joined).length === limit);
  expect(heard(fifth?.person as Joined)).toContain(sixth?.publicationId);
  expect(heard(fifth?.person as Joined)).not.toContain(fifth?.publicationId);
  await stays(listener, [fifth, sixth], 1000);
});

test('one who is heard no more is kept for coming back: the client is told why, and nothing is made anew', async () => {
  const { listener, guests } = await meeting('kept', limit + 4);
  const [first, , third, fourth, fifth] = guests;
  third?.say(-30);
  await hears(listener, [first, third]);
  await passes(200);
  fourth?.say(-30);
  await hears(listener, [third, fourth]);
  fifth?.talk();
  await hears(listener, [fourth, fifth]);
  const statusOf = (voice: Voice | undefined) => {
    const states = listener.received('subscriptionState').flatMap((notice) => notice.states);
    return states.findLast(({ publicationId }) => publicationId === voice?.publicationId)?.status;
  };
  await waitFor('the client to be told', () => statusOf(third) === 'inaudible');
  expect(receiving(listener)).toContain(third?.publicationId);
  const added = listener.received('subscriptionsAdded').length;
  await passes(1500);
  third?.say(-30);
  await hears(listener, [third, fifth]);
  await waitFor('the client to be told again', () => statusOf(third) === 'active');
  expect(listener.received('subscriptionsAdded')).toHaveLength(added);
});

test('at most four times as many as are heard are kept for coming back', async () => {
  const { listener, guests } = await meeting('bounded', 5 * limit + 4);
  for (const guest of guests) {
    guest.say(-30);
    await waitFor('it to be heard', () => heard(listener).includes(guest.publicationId), { intervalMs: 5 });
    // The next one needs somebody who has been silent for a moment.
    await passes(450);
  }
  expect(heard(listener)).toEqual(idsOf(guests.slice(-limit)));
  await received(listener, idsOf(guests.slice(-5 * limit)));
});

test('with one more who talks than may be heard, places stay, whoever hears', async () => {
  const { listener, guests } = await meeting('steady', limit + 4);
  const [first, second, third] = guests;
  for (const voice of [first, second]) voice?.talk(-30);
  await hears(listener, [first, second]);
  await stays(listener, [first, second], 1500);
  third?.talk(-28);
  // It is new, so it is heard in place of the quieter; after that nothing changes any more.
  await waitFor('the third', () => heard(listener).includes(third?.publicationId ?? ''), { intervalMs: 5 });
  const now = guests.filter(({ publicationId }) => heard(listener).includes(publicationId));
  expect(now).toHaveLength(limit);
  await stays(listener, now, 4000);
  await hears(third?.person as Joined, [first, second]);
});

test('a client that does not tell how loud it is counts as a quiet speaker', async () => {
  const { listener, guests } = await meeting('untold', limit + 2);
  const [first, second] = guests;
  const quiet = await voiceOf(await stage.joined('untold', 'quiet'), { tellsLevel: false });
  quiet.talk();
  await waitFor('it to be heard', () => heard(listener).includes(quiet.publicationId), { intervalMs: 5 });
  for (const voice of [first, second]) voice?.talk(-40);
  await hears(listener, [first, second]);
});

test('the muted microphone of somebody who was heard is held back, and heard again with the next word', async () => {
  const { listener, guests } = await meeting('mute', limit + 3);
  const [first, second, third] = guests;
  const mute = (muted: boolean) =>
    third?.person.request('updatePublication', {
      requestId: newRequestId(),
      publicationId: third.publicationId,
      muted,
    });
  third?.talk();
  await waitFor('the third', () => heard(listener).includes(third?.publicationId ?? ''), { intervalMs: 5 });
  await mute(true);
  await hears(listener, [first, second]);
  third?.pause();
  // What was said just before the muting may still be told a moment later.
  await passes(200);
  await mute(false);
  await hears(listener, [first, second]);
  third?.talk();
  await waitFor('the third again', () => heard(listener).includes(third?.publicationId ?? ''), { intervalMs: 5 });
});

test('the view auto shows who spoke, in place of those who joined first', async () => {
  const listener = await stage.joined('auto', 'listener');
  const people: { voice: Voice; camera: string }[] = [];
  for (let index = 0; index < 4; index += 1) {
    const person = await stage.joined('auto', `guest-${index}`);
    const { publicationId: camera } = await person.request('publish', fakeCamera(newRequestId()));
    people.push({ voice: await voiceOf(person), camera });
  }
  const videos = () =>
    [...subscriptionsOf(listener).values()].filter(({ kind }) => kind === 'video').map((each) => each.publicationId);
  const shows = (indexes: number[]) => {
    const expected = indexes
      .map((index) => people[index]?.camera)
      .toSorted()
      .join();
    return waitFor(`the cameras ${indexes}`, () => videos().toSorted().join() === expected);
  };
  await shows([0, 1]);
  people[3]?.voice.talk();
  await shows([0, 3]);
  people[3]?.voice.pause();
  people[2]?.voice.talk();
  await shows([2, 3]);
  people[2]?.voice.pause();
  // Speaking again changes nothing for those who are shown; a click brings nobody in.
  people[1]?.voice.say(-20);
  people[3]?.voice.talk();
  await passes(500);
  expect(videos().toSorted()).toEqual([people[2]?.camera, people[3]?.camera].toSorted());
  await people[3]?.voice.person.request('leave', {});
  await shows([0, 2]);
});
