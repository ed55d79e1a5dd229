import { expect, test } from 'vitest';
import { setDataStage } from '../support/dataStage.ts';
import { waitFor } from '../support/waitFor.ts';

/** One participant loads a worker: the room is on both. */
const stage = setDataStage({ config: { workers: 2, workerMaxConsumers: 1 } });

test('data and files go from worker to worker', async () => {
  const { ada, bob, cyd } = await stage.three('workers');
  const dan = await stage.join('workers', 'dan');
  const { workers } = stage.server.app.engine.status;
  expect(workers.map(({ participants }) => participants)).toEqual([2, 2]);
  const others = [bob, cyd, dan];
  expect(await ada.send('all')).toBe('ok');
  expect(await ada.send('some', { to: ['bob', 'cyd', 'dan'] })).toBe('ok');
  for (const person of others) {
    expect(await ada.send(`one ${person.identity}`, { to: person.identity })).toBe('ok');
    await person.hears('all', 'some', `one ${person.identity}`);
    expect(await person.texts()).toHaveLength(3);
    expect(await person.send(`from ${person.identity}`, { to: 'ada' })).toBe('ok');
  }
  await ada.hears('from bob', 'from cyd', 'from dan');
  await waitFor('lossy messages to arrive', async () => {
    await ada.send('lossy', { reliable: false });
    return (await Promise.all(others.map((person) => person.texts()))).every((texts) => texts.includes('lossy'));
  });
  await ada.offer(500_000, ['bob', 'cyd', 'dan']);
  await Promise.all(others.map((person) => person.isOffered()));
  await Promise.all(others.map((person) => person.accept()));
  const hash = await ada.hashOfNoise(500_000);
  for (const person of others) expect((await person.arrived()).sha256).toBe(hash);
  expect((await ada.transferred()).code).toBe('ok');
});
