import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type Figure, figure } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { type SpreadPlan, SpreadRoom, type SpreadUse } from './SpreadRoom.ts';

export const spreadPlan: SpreadPlan = { cameras: 8, subscribers: 52, view: 8, windowMs: 5000, rounds: 4 };

interface Measured {
  room: SpreadRoom;
  uses: SpreadUse[];
  pipes: number;
}

/** One room with the same people on one worker and on two. */
export async function oneRoom(plan: SpreadPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(`a room of ${plan.cameras} cameras and ${plan.subscribers} who look on, with 1 worker and with 2`);
  const measured: Measured[] = [];
  const open = async (name: string, config: Parameters<typeof SpreadRoom.open>[3]) => {
    const room = await SpreadRoom.open(context, name, plan, config);
    const entry: Measured = { room, uses: [], pipes: 0 };
    measured.push(entry);
    entry.pipes = await room.pipes();
    return entry;
  };
  try {
    const one = await open('1 worker', { workers: 1 });
    // Whoever has anything to do is loaded, so that newcomers go to the other one by turns.
    const two = await open('2 workers', { workers: 2, workerMaxConsumers: 1 });
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const { room, uses } of measured) uses.push(await room.measure(plan.windowMs));
    }
    return spreadFigures(one, two);
  } finally {
    for (const { room } of measured) await room.close();
  }
}

function spreadFigures(one: Measured, two: Measured): Figure[] {
  const beside = (value: (measured: Measured) => number) => ({ name: one.room.name, value: value(one) });
  const eachWorker = two.uses.reduce<number[]>(
    (sums, use) => use.eachWorker.map((seconds, index) => seconds + (sums[index] ?? 0)),
    [],
  );
  const busiest = (Math.max(...eachWorker) / sum(eachWorker)) * 100;
  const busy = Math.max(...[...one.uses, ...two.uses].map((use) => use.busy)) * 100;
  return [
    figure('2 workers: worker CPU per 1,000 packets out', perPackets(two), 'ms', {
      comparedWith: beside(perPackets),
      aim: { of: 'ratio', is: 'at most', limit: 1.15 },
    }),
    figure('2 workers: share of the busier one', busiest, '%', { aim: 60 }),
    figure('2 workers: packets out', packetsPerSecond(two), 'packets/s', { comparedWith: beside(packetsPerSecond) }),
    figure('2 workers: worker CPU', workerCpu(two), 'ms/s', { comparedWith: beside(workerCpu) }),
    figure('2 workers: CPU of Node', nodeCpu(two), 'ms/s', { comparedWith: beside(nodeCpu) }),
    figure('2 workers: publications piped', two.pipes, 'pipes', { comparedWith: beside(({ pipes }) => pipes) }),
    figure('load client busy, at most', busy, '%', { aim: 85 }),
  ];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const total = ({ uses }: Measured, of: (use: SpreadUse) => number) => sum(uses.map(of));
const packetsPerSecond = (of: Measured) => total(of, ({ packets }) => packets) / total(of, ({ seconds }) => seconds);
const workerCpu = (of: Measured) =>
  (total(of, ({ eachWorker }) => sum(eachWorker)) / total(of, ({ seconds }) => seconds)) * 1000;
const nodeCpu = (of: Measured) => (total(of, ({ node }) => node) / total(of, ({ seconds }) => seconds)) * 1000;
const perPackets = (of: Measured) => (workerCpu(of) / packetsPerSecond(of)) * 1000;

/** What it costs that one room uses several cores. */
export const cores: Scenario['parts'] = { room: (options) => oneRoom(spreadPlan, options) };
