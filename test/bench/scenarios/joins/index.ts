import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { type JoinCost, type Ramp, ramp } from './ramp.ts';

const plan = {
  joins: 1000,
  perSecond: 50,
  connectEach: 25,
  windows: [
    { first: 41, last: 60 },
    { first: 951, last: 1000 },
  ],
};
/** As the server is set by default, and with the scoping of large rooms off. */
const scoped = 100;
const everybody = 100_000;

/** What a join costs, when few are in the room and when a thousand are. */
async function thousand({ say }: ScenarioOptions): Promise<Figure[]> {
  say(`joins: ${plan.perSecond} a second until ${plan.joins} are in one room`);
  const on = await ramp({ ...plan, fullRoster: scoped });
  say('joins: the same with everybody told of everybody');
  const off = await ramp({ ...plan, fullRoster: everybody });
  const p95 = (list: readonly number[]) => percentile(list, 0.95);
  return [
    figure('join, p95', p95(on.joinMs), 'ms', {
      comparedWith: { name: 'not scoped', value: p95(off.joinMs) },
      aim: 500,
    }),
    figure('joins that failed', on.failed, 'joins', { aim: 0 }),
    figure('joins that failed, not scoped', off.failed, 'joins'),
    ...costFigures('CPU per join', 'ms', on, off, ({ node, workers }) => (node + workers) * 1000),
    ...costFigures('CPU of Node per join', 'ms', on, off, ({ node }) => node * 1000),
    ...costFigures('written per join', 'kB', on, off, ({ bytes }) => bytes / 1000),
    figure('CPU of the load, of one core', on.load, 'cores', {
      comparedWith: { name: 'not scoped', value: off.load },
    }),
    figure('CPU of Node, of one core', on.node, 'cores', { comparedWith: { name: 'not scoped', value: off.node } }),
  ];
}

function costFigures(name: string, unit: string, on: Ramp, off: Ramp, of: (cost: JoinCost) => number): Figure[] {
  const values = ({ costs }: Ramp) => costs.map(of);
  const [few = Number.NaN, many = Number.NaN] = values(on);
  const [fewOff = Number.NaN, manyOff = Number.NaN] = values(off);
  const isAimed = !name.includes('Node');
  return [
    figure(`${name}, joins 951-1,000`, many, unit, {
      comparedWith: { name: 'joins 41-60', value: few },
      ...(isAimed && { aim: { of: 'ratio', is: 'at most', limit: 2 } }),
    }),
    figure(`${name}, joins 951-1,000, not scoped`, manyOff, unit, {
      comparedWith: { name: 'joins 41-60, not scoped', value: fewOff },
    }),
  ];
}

export const joins: Scenario['parts'] = { thousand };
