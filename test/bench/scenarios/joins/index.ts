import type { Config } from '../../../../src/config.ts';
import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type Aim, type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { type Cost, type Ramp, type RampPlan, ramp } from './ramp.ts';

export const thousandPlan: RampPlan = {
  joins: 1000,
  perSecond: 50,
  smallRooms: 4,
  connectEach: 25,
  windows: [
    { first: 41, last: 60 },
    { first: 951, last: 1000 },
  ],
  idleMs: 5000,
};

/** Everybody is told of everybody, as in a small room. */
const unscoped: Partial<Config> = { fullRoster: 100_000 };
/** And of each change by itself. */
const unbatched: Partial<Config> = { ...unscoped, changeInterval: 0 };

interface Measured {
  name: string;
  run: Ramp;
}

/** What a join costs when few are in the room and when all are, beside the same without scoping and batching. */
export async function costOfJoins(plan: RampPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const measure = async (name: string, config: Partial<Config>): Promise<Measured> => {
    say(`${plan.perSecond} joins a second until ${plan.joins} are in one room: ${name}`);
    return { name, run: await ramp(context, { ...plan, config }) };
  };
  const on = await measure('as it is', {});
  const off = await measure('not scoped', unscoped);
  const none = await measure('not scoped, not batched', unbatched);
  const all = [on, off, none];
  const p = (share: number, { run }: Measured) => percentile(run.joinMs, share);
  const busiest = (of: (run: Ramp) => number) => Math.max(...all.map(({ run }) => of(run))) * 100;
  return [
    figure('join, p50', p(0.5, on), 'ms', { comparedWith: { name: off.name, value: p(0.5, off) } }),
    figure('join, p95', p(0.95, on), 'ms', { comparedWith: { name: off.name, value: p(0.95, off) }, aim: 500 }),
    ...costFigures(plan, 'CPU per join', 'ms', all, ({ node, workers }) => (node + workers) * 1000, 2),
    ...costFigures(plan, 'CPU of Node per join', 'ms', all, ({ node }) => node * 1000),
    ...costFigures(
      plan,
      'bytes to all sockets per join, heartbeats included',
      'kB',
      all,
      ({ bytes }) => bytes / 1e3,
      2,
    ),
    ...costFigures(plan, 'messages to all sockets per join', 'messages', all, ({ messages }) => messages),
    ...idleFigures(plan, on.run),
    figure(
      'the load: thread busy, at most',
      busiest(({ loadBusy }) => loadBusy),
      '%',
      {
        comparedWith: { name: 'CPU of Node', value: busiest(({ serverBusy }) => serverBusy) },
        aim: 85,
      },
    ),
  ];
}

/** The last window beside the first, as it is and without each feature. */
function costFigures(
  { windows: [few, many] }: RampPlan,
  name: string,
  unit: string,
  runs: readonly Measured[],
  of: (cost: Cost) => number,
  aim?: number,
): Figure[] {
  if (!few || !many) throw new Error('two windows are compared');
  const limit: Aim | undefined = aim === undefined ? undefined : { of: 'ratio', is: 'at most', limit: aim };
  return runs.map(({ name: variant, run }, index) => {
    const [before = Number.NaN, after = Number.NaN] = run.costs.map(of);
    const which = index === 0 ? '' : `, ${variant}`;
    return figure(`${name}, joins ${many.first}-${many.last}${which}`, after, unit, {
      comparedWith: { name: `joins ${few.first}-${few.last}${which}`, value: before },
      // Without the feature nothing is promised.
      ...(index === 0 && limit && { aim: limit }),
    });
  });
}

/** What all of them cost while nothing happens: heartbeats are in the figures above, and this is how much they are. */
function idleFigures({ joins, perSecond }: RampPlan, { costs, idle }: Ramp): Figure[] {
  const last = costs.at(-1);
  const beside = (of: (cost: Cost) => number) =>
    last && { comparedWith: { name: `${perSecond} joins a second`, value: of(last) * perSecond } };
  const cpu = ({ node, workers }: Cost) => (node + workers) * 1000;
  const kilobytes = ({ bytes }: Cost) => bytes / 1000;
  return [
    figure(`${joins} participants at rest: CPU`, cpu(idle), 'ms/s', beside(cpu)),
    figure(
      `${joins} participants at rest: bytes to all sockets (heartbeats)`,
      kilobytes(idle),
      'kB/s',
      beside(kilobytes),
    ),
  ];
}

export const joins: Scenario['parts'] = { thousand: (options) => costOfJoins(thousandPlan, options) };
