import { expect, test, vi } from 'vitest';
import { fill, nameOf, namesIn, noVideos, readAll } from '../support/largeRoom.ts';
import type { RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const deltas = (client: RawClient) => client.received('roomChanged');

test('of 150 people each knows those who publish, and finds the rest in pages, whoever leaves in between', async () => {
  const people = await fill(stage, 'hall', 150, 10);
  const last = await stage.joined('hall', nameOf(151), noVideos);
  const { room } = last.answer;
  expect([room.partial, room.count]).toEqual([true, 151]);
  expect(room.participants.map(({ identity }) => identity).toSorted()).toEqual([
    ...people.slice(0, 10).map((_, index) => nameOf(index + 1)),
    nameOf(151),
  ]);
  expect(room.publications).toHaveLength(10);
  // The transports take most of it; 151 people alone would be 30 kB.
  expect(JSON.stringify(room).length).toBeLessThan(8000);

  const all = Array.from({ length: 151 }, (_, index) => nameOf(index + 1));
  const pages = await readAll(last, { limit: 20 });
  expect(pages.map(({ participants }) => participants.length)).toEqual([20, 20, 20, 20, 20, 20, 20, 11]);
  expect(namesIn(pages)).toEqual(all);
  expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([151]));
  expect(pages.flatMap(({ publications }) => publications)).toHaveLength(10);

  // Those who leave are from pages that were read, that are being read, and that come.
  const leaving = [3, 20, 21, 22, 40, 41, 100, 150];
  const left: string[] = [];
  const read = await readAll(last, { limit: 20 }, async (page) => {
    const number = leaving[page - 1];
    const client = number === undefined ? undefined : people[number - 1];
    if (number === undefined || !client) return;
    await client.request('leave', {});
    left.push(nameOf(number));
  });
  const staying = all.filter((name) => !left.includes(name));
  expect(left.length).toBeGreaterThan(5);
  expect(new Set(namesIn(read)).size).toBe(namesIn(read).length);
  expect(namesIn(read)).toEqual(expect.arrayContaining(staying));
  await last.next('roomChanged', ({ count }) => count === staying.length);
});

test('a join into a large room is a number to the others, encoded once for all', async () => {
  const people = await fill(stage, 'arrivals', 120, 3);
  const [witness] = people;
  if (!witness) throw new Error('nobody came');
  const counted = (client: RawClient, count: number) => deltas(client).some((delta) => delta.count === count);
  const published = () => deltas(witness).flatMap(({ publications = [] }) => publications);
  await waitFor('the room to be told whole', () => counted(witness, 120) && published().length === 3);
  const from = Math.max(...deltas(witness).map(({ revision }) => revision));
  const later = (client: RawClient) => deltas(client).filter(({ revision }) => revision > from);
  const encoded = vi.spyOn(JSON, 'stringify');
  await Promise.all([121, 122, 123].map((number) => stage.joined('arrivals', nameOf(number), noVideos)));
  await waitFor('the new number', () => people.every((client) => counted(client, 123)));
  const encodings = encoded.mock.calls.filter(([value]) => Array.isArray(value) && value[0] === 'roomChanged').length;
  encoded.mockRestore();
  for (const client of people) {
    expect(later(client).length).toBe(encodings);
    expect(later(client).every((delta) => Object.keys(delta).toSorted().join() === 'count,revision')).toBe(true);
    expect(JSON.stringify(later(client)).length).toBeLessThan(200);
  }
});
