import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';

const names = ['Ada', 'Bob', 'Eve'] as const;

test('three people see each other move and hear each other', async ({ meeting }) => {
  const people = [];
  for (const name of names) people.push(await meeting.join({ room: 'three', name }));
  for (const person of people) {
    for (const name of names) await person.seesPicture(person.tile(name));
  }
  for (const person of people) {
    const heard = await person.page.evaluate(async () => {
      const stats = await window.plenum.stats();
      return stats.subscriptions.filter(({ kind, bitrate }) => kind === 'audio' && bitrate > 0).length;
    });
    expect(heard).toBe(2);
  }
});
