import { expect, test } from 'vitest';
import { TokenBucket } from '../../../src/room/TokenBucket.ts';
import { DataStage } from '../../support/DataTalker.ts';

/** What participants may send is limited for all of a room, an address or a person together as well. */

async function sharing(perSecond: number) {
  const stage = new DataStage();
  const dataLimit = new TokenBucket(stage.clock, { perSecond, burst: perSecond });
  const ada = await stage.join('ada', { dataLimit });
  const bob = await stage.join('bob', { dataLimit });
  const cyd = await stage.join('cyd');
  return { stage, ada, bob, cyd };
}

test('several share a limit: reliable messages of all are slowed down, those of others are not', async () => {
  const { stage, ada, bob, cyd } = await sharing(10);
  for (let index = 0; index < 8; index += 1) ada.send(`a${index}`, { to: ['cyd'] });
  for (let index = 0; index < 8; index += 1) bob.send(`b${index}`, { to: ['cyd'] });
  expect(cyd.texts).toHaveLength(10);
  cyd.send('free', { to: ['ada'] });
  expect(ada.texts).toEqual(['free']);
  stage.clock.advance(300);
  expect(cyd.texts).toHaveLength(13);
  stage.clock.advance(1000);
  expect(cyd.texts.filter((text) => text.startsWith('a'))).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  expect(cyd.texts.filter((text) => text.startsWith('b'))).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7']);
});

test('lossy ones are refused', async () => {
  const { stage, ada, bob, cyd } = await sharing(4);
  for (let index = 0; index < 4; index += 1) ada.send(`a${index}`, { to: ['cyd'] }, 'lossy');
  bob.send('b', { to: ['cyd'] }, 'lossy');
  await stage.answers();
  expect(bob.refused).toMatchObject([{ code: 'rate-limited' }]);
  stage.clock.advance(250);
  bob.send('later', { to: ['cyd'] }, 'lossy');
  expect(cyd.texts).toEqual(['a0', 'a1', 'a2', 'a3', 'later']);
});

test('each 16 KiB count as one message', async () => {
  const { stage, ada, cyd } = await sharing(4);
  ada.send('x'.repeat(40_000), { to: ['cyd'] }, 'lossy');
  ada.send('small', { to: ['cyd'] }, 'lossy');
  ada.send('refused', { to: ['cyd'] }, 'lossy');
  await stage.answers();
  expect(cyd.texts.map((text) => text.length)).toEqual([40_000, 5]);
});
