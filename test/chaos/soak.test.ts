import { describe, expect, test } from 'vitest';
import { available } from '../support/network/index.ts';
import { soakFaults } from './faults/index.ts';
import { soak } from './soak/Soak.ts';

const seconds = 180;

/** Three minutes of what `npm run test:soak` does for twenty. */
describe.runIf(available('the soak'))('a long meeting', () => {
  test('whatever people do and whatever breaks, nobody sees or hears what should not be', {
    timeout: (seconds + 180) * 1000,
  }, async () => {
    const { violations, deeds, faults, crowd } = await soak({ seconds, seed: 1, crowd: 40, faults: soakFaults });
    console.info(`done: ${JSON.stringify(deeds)}; broken: ${JSON.stringify(faults)}; ${crowd.toFixed(1)} load clients`);
    expect(violations).toEqual([]);
    expect(Object.keys(faults).length).toBeGreaterThan(1);
    expect(crowd, 'load clients on average').toBeGreaterThan(20);
  });
});
