import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type Aim, type Figure, figure } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { type MeetingPlan, type MeetingUse, measureMeeting } from './measure.ts';

const atMostHalf: Aim = { of: 'ratio', is: 'at most', limit: 0.5 };

/** 30 people of whom 8 show themselves, four of them in a window of 1280x720: the middle of three layers. */
export const thirtyPlan: MeetingPlan = {
  participants: 30,
  videos: 8,
  view: 4,
  tile: { width: 640, height: 360 },
  speakers: 3,
  // Microphones in real rooms are seldom quiet enough for it; what it saves is printed beside.
  dtx: false,
  settleMs: 5000,
  windowMs: 8000,
};

/**
 * 100 people of whom 25 show themselves, nine of them in a window of 960x540: the smallest layer, so that one process can
 * receive it all. Microphones as the SDK's.
 */
export const hundredPlan: MeetingPlan = {
  ...thirtyPlan,
  participants: 100,
  videos: 25,
  view: 9,
  tile: { width: 320, height: 180 },
  dtx: true,
};

/** What everybody gets where nobody chooses: each voice and each video, all encodings sent. */
const everything = ({ videos }: MeetingPlan) => ({ view: videos, config: { audioSpeakers: 0, dynacast: false } });

interface Named {
  name: string;
  use: MeetingUse;
}

/** Beside the same room with everybody receiving everything, and with each feature off by itself. */
export async function besideEverything(plan: MeetingPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const run = async (name: string, changed: Partial<MeetingPlan> = {}): Promise<Named> => {
    say(`${plan.participants} participants, ${plan.videos} videos: ${name}`);
    return { name, use: await measureMeeting(context, { ...plan, ...changed }) };
  };
  const on = await run(`view ${plan.view}, top-N audio, dynacast`);
  const all = await run('everybody receives everything', everything(plan));
  const noTopN = await run('top-N audio off', { config: { audioSpeakers: 0 } });
  const noDynacast = await run('dynacast off', { config: { dynacast: false } });
  const paused = await run('silent microphones pause (DTX)', { dtx: true });
  const allPaused = await run('everything, silent microphones pause', { ...everything(plan), dtx: true });
  const where = `${plan.participants} participants`;
  return [
    ...roomFigures(where, on, all, { aim: atMostHalf }),
    ...roomFigures(`${where}, DTX`, paused, allPaused),
    ...roomFigures(where, on, noTopN, { suffix: ', beside top-N audio off' }),
    ...roomFigures(where, on, noDynacast, { suffix: ', beside dynacast off' }),
    ...loadFigures(where, [on, all, noTopN, noDynacast, paused, allPaused]),
  ];
}

/** By itself, for each participant; beside a small meeting in which everybody sees as many. */
export async function perParticipant(plan: MeetingPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const few: MeetingPlan = { ...plan, participants: plan.view + 1, videos: plan.view + 1 };
  say(`${plan.participants} participants, ${plan.videos} videos, view ${plan.view}`);
  const many = await measureMeeting(context, plan);
  say('the same with dynacast off');
  const noDynacast = await measureMeeting(context, { ...plan, config: { dynacast: false } });
  say(`${few.participants} participants, ${few.videos} videos, view ${few.view}`);
  const small = await measureMeeting(context, few);
  const where = `${plan.participants} participants, ${plan.videos} videos, view ${plan.view}`;
  const each = (name: string, unit: string, of: (use: MeetingUse) => number) =>
    figure(`${where}: ${name} per participant`, of(many) / plan.participants, unit, {
      comparedWith: { name: `a meeting of ${few.participants}`, value: of(small) / few.participants },
    });
  return [
    each('packets out', 'packets/s', ({ packetsOut }) => packetsOut),
    each('egress', 'kbit/s', ({ bitsOut }) => bitsOut / 1000),
    each('worker CPU', 'ms/s', ({ workers }) => workers * 1000),
    each('CPU of Node', 'ms/s', ({ node }) => node * 1000),
    ...roomFigures(where, { name: '', use: many }, { name: 'dynacast off', use: noDynacast }),
    ...loadFigures(where, [
      { name: where, use: many },
      { name: 'dynacast off', use: noDynacast },
    ]),
  ];
}

function roomFigures(
  where: string,
  { use }: Named,
  other: Named,
  { aim, suffix = '' }: { aim?: Aim; suffix?: string } = {},
): Figure[] {
  const beside = (name: string, unit: string, of: (use: MeetingUse) => number, aimed?: Aim) =>
    figure(`${where}: ${name}${suffix}`, of(use), unit, {
      comparedWith: { name: other.name, value: of(other.use) },
      ...(aimed && { aim: aimed }),
    });
  return [
    beside('packets out', 'packets/s', ({ packetsOut }) => packetsOut, aim),
    beside('egress', 'Mbit/s', ({ bitsOut }) => bitsOut / 1e6, aim),
    beside('worker CPU', 'ms/s', ({ workers }) => workers * 1000, aim),
    beside('CPU of Node', 'ms/s', ({ node }) => node * 1000),
    beside('packets in', 'packets/s', ({ packetsIn }) => packetsIn),
  ];
}

/** Whether the load was made: a client that is starved, or loses packets, must not look like a server that saves. */
function loadFigures(where: string, runs: readonly Named[]): Figure[] {
  const most = (of: (use: MeetingUse) => number) => Math.max(...runs.map(({ use }) => of(use))) * 100;
  return [
    figure(
      `${where}: load client busy, at most`,
      most(({ busy }) => busy),
      '%',
      { aim: 85 },
    ),
    figure(
      `${where}: packets lost on the way, at most`,
      most(({ lossRatio }) => lossRatio),
      '%',
      { aim: 0.5 },
    ),
  ];
}

/** What a meeting costs when each receives what it sees and hears. */
export const meeting: Scenario['parts'] = {
  thirty: (options) => besideEverything(thirtyPlan, options),
  hundred: (options) => perParticipant(hundredPlan, options),
};
