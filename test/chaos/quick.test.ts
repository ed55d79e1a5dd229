import { afterAll, describe, expect, test } from 'vitest';
import { available } from '../support/network/index.ts';
import { Campaign, type Run } from './Campaign.ts';
import type { Fault } from './Fault.ts';
import { faults } from './faults/index.ts';
import { reportText, rowsOf } from './report.ts';

/** Faults of each kind, in one call; `npm run test:chaos` does all of them, and more often. */

const seed = 1;

const withLines = (fault: Fault): Fault => ({
  ...fault,
  figures: Object.fromEntries(
    Object.entries(fault.figures).map(([name, aim]) => [
      name,
      aim.line === undefined ? aim : { unit: aim.unit, max: aim.line },
    ]),
  ),
});

describe.runIf(available('the chaos tests'))('a call goes on', () => {
  const campaign = new Campaign();
  const runs: Run[] = [];
  const quick = faults.filter(({ times }) => times.quick > 0).map(withLines);

  afterAll(async () => {
    await campaign.close();
    console.info(reportText(rowsOf(quick, runs), runs));
  });

  test.each(quick)('$name: $what', { timeout: 300_000 }, async (fault) => {
    const own: Run[] = [];
    for (let index = 0; index < fault.times.quick; index += 1) own.push(await campaign.run(fault, seed + index));
    runs.push(...own);
    expect(own.flatMap(({ problems }) => problems)).toEqual([]);
    const missed = rowsOf([fault], own)
      .filter(({ met }) => !met)
      .map(({ figure, max, aim }) => `${figure} ${Math.round(max)}, aim ${aim}`);
    expect(missed.join('; '), 'figures that miss their aim').toBe('');
  });
});
