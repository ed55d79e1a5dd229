import { expect, test } from 'vitest';
import { setDataStage } from '../support/dataStage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setDataStage({ config: { dataMessages: 20 } });

test('reliable messages beyond the rate are slowed down, lossy ones refused', async () => {
  const { ada, bob, cyd } = await stage.three('rate');
  const { ms, codes } = await ada.page.evaluate(async () => {
    const began = performance.now();
    const sending = Array.from({ length: 60 }, (_, index) =>
      window.lab.ended(() => window.lab.room.sendData(new TextEncoder().encode(String(index)))),
    );
    const ends = await Promise.all(sending);
    return { ms: performance.now() - began, codes: [...new Set(ends.map(({ code }) => code))] };
  });
  expect(codes).toEqual(['ok']);
  // 20 at once, 20 a second after that.
  expect(ms).toBeGreaterThan(1800);
  await bob.hears('59');
  expect(await bob.texts()).toEqual(Array.from({ length: 60 }, (_, index) => String(index)));
  // Nobody else is slowed down.
  const before = performance.now();
  expect(await cyd.send('quick')).toBe('ok');
  expect(performance.now() - before).toBeLessThan(1000);

  await bob.page.evaluate(async () => {
    for (let index = 0; index < 100; index += 1) await window.lab.room.sendData(new Uint8Array(1), { reliable: false });
  });
  await waitFor('the refusal', () => bob.page.evaluate(() => window.sdk.problems.length > 0));
  expect(await bob.page.evaluate(() => window.sdk.problems)).toEqual([expect.stringMatching(/^rate-limited/)]);
  expect((await cyd.heard()).filter(({ reliable }) => !reliable).length).toBeLessThan(50);
  await stage.dismiss(bob);
});
