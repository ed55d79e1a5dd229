import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { RawServer } from '../../raw/RawServer.ts';
import { type Aim, type Figure, figure } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import type { Footprint } from './Footprint.ts';
import { Holdings } from './plenum.ts';
import { RawHoldings } from './raw.ts';

export interface MemoryPlan {
  sockets: number;
  participants: number;
  /** Each with 16 publications. */
  publishers: number;
  /** Each receives 16 videos. */
  viewers: number;
  /** Joins and leaves after which nothing may be left; as many before them, for the heap to grow as far as it will. */
  visits: number;
  /** What was just freed is given back to the system a little later. */
  settleMs: number;
}

export const memoryPlan: MemoryPlan = {
  sockets: 500,
  participants: 500,
  publishers: 30,
  viewers: 100,
  visits: 1000,
  settleMs: 1500,
};

/** So that a part's first use of code is not taken for its own. */
const warmUpVisits = 20;

/** Kilobytes of a participant. */
const aims = { heap: 60, node: 150 };

const units = { heap: 'heap of Node', node: 'RSS of Node', workers: 'RSS of the worker' } as const;
const parts = ['heap', 'node', 'workers'] as const;

interface Named {
  name: string;
  footprint: Footprint;
}

/** What each thing costs, beside what comes nearest to it without Plenum, and whether it is given back. */
export async function whatItHolds(plan: MemoryPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const plenum = async (measure: (held: Holdings) => Promise<Footprint>) => {
    // One worker, so that all that it holds is in one place, as with mediasoup alone. A server for each: the memory that
    // V8 keeps after one measurement would hide what the next one needs.
    // Clients that close their socket are gone at once, so that what they held is seen to be given back.
    const config = { workers: 1, maxParticipants: plan.participants, resumeGrace: 0 };
    const server = await BenchServer.start({ config });
    try {
      const held = new Holdings(server, context, plan.settleMs);
      await held.visits(warmUpVisits);
      return await measure(held);
    } finally {
      await server.close();
    }
  };
  const alone = async (measure: (held: RawHoldings) => Promise<Footprint>, name = 'mediasoup alone') => {
    const server = await RawServer.start();
    try {
      return { name, footprint: await measure(new RawHoldings(server, context, plan.settleMs)) };
    } finally {
      await server.close();
    }
  };
  const { publishers, viewers } = plan;
  say(`memory: ${plan.participants} participants`);
  const socket = await plenum((held) => held.sockets(plan.sockets));
  const participant = await plenum((held) => held.participants(plan.participants));
  const transports = await alone((held) => held.participants(plan.participants), 'mediasoup alone, not connected');
  say('memory: publications and subscriptions');
  const camera = await plenum((held) => held.publications('camera', publishers));
  const rawCamera = await alone((held) => held.publications('camera', publishers));
  const microphone = await plenum((held) => held.publications('microphone', publishers));
  const rawMicrophone = await alone((held) => held.publications('microphone', publishers));
  const subscription = await plenum((held) => held.subscriptions(viewers));
  const rawSubscription = await alone((held) => held.subscriptions(viewers));
  say(`memory: ${plan.visits} joins and leaves`);
  const before: Named = { name: 'after as many before', footprint: { heap: 0, node: 0, workers: 0 } };
  const after = await plenum(async (held) => {
    before.footprint = await held.visits(plan.visits);
    return held.visits(plan.visits);
  });
  return [
    ...kilobytes('an idle participant', participant, { name: 'a socket that has not joined', footprint: socket }, aims),
    ...kilobytes('an idle participant, beside its transports', participant, transports),
    ...kilobytes('a camera of three layers', camera, rawCamera),
    ...kilobytes('a microphone', microphone, rawMicrophone),
    ...kilobytes('a subscription to a video', subscription, rawSubscription),
    ...parts.map((part) => givenBack(`after ${plan.visits} joins and leaves: ${units[part]}`, part, after, before)),
  ];
}

function kilobytes(what: string, footprint: Footprint, beside: Named, aims: Partial<Footprint> = {}): Figure[] {
  return parts.map((part) => {
    const aim = aims[part];
    return figure(`${what}: ${units[part]}`, footprint[part] / 1000, 'kB', {
      comparedWith: { name: beside.name, value: beside.footprint[part] / 1000 },
      ...(aim !== undefined && { aim }),
    });
  });
}

const withinFivePercent: Aim = { of: 'ratio', is: 'at most', limit: 1.05 };

function givenBack(name: string, part: keyof Footprint, after: Footprint, before: Named): Figure {
  return figure(name, after[part] / 1e6, 'MB', {
    comparedWith: { name: before.name, value: before.footprint[part] / 1e6 },
    aim: withinFivePercent,
  });
}

/** What a server's memory holds. */
export const memory: Scenario['parts'] = { all: (options) => whatItHolds(memoryPlan, options) };
