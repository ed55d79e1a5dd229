import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import type { AudioFrameMs } from '../../../load/recordings/spec.ts';
import { available, Network } from '../../../support/network/index.ts';
import { type Arrival, Crew } from '../../crew/Crew.ts';
import { RemoteCrew } from '../../crew/RemoteCrew.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { inBatches, pause } from '../forwarding/Forwarder.ts';
import { gather, type Heard, heard, type Spoken, speakInTurn } from './firstWords.ts';
import { observed } from './observer.ts';

export interface SpeakerPlan {
  participants: number;
  /** How many of them say something. */
  speakers: number;
  /** How many speak before mediasoup's own observer, with each length of packet. */
  observed: number;
}

export const hundredPlan: SpeakerPlan = { participants: 100, speakers: 60, observed: 8 };

const room = 'speaker';
const frames: readonly AudioFrameMs[] = [20, 60];
/** After the joins: all that follows from them has happened. */
const settleMs = 2000;
const aimMs = 250;

interface Run {
  spoken: Spoken[];
  arrivals: Arrival[];
}

interface OwnRun extends Run {
  /** CPU seconds of the server's Node process each second, while people speak. */
  node: number;
  /** Share of the time in which the load client's thread was busy. */
  busy: number;
}

/** Everybody in this process, on loopback. */
async function onLoopback(context: LoadContext, plan: SpeakerPlan, config: Partial<Config>): Promise<OwnRun> {
  const server = await BenchServer.start({ config: { maxParticipants: plan.participants, ...config } });
  const crew = new Crew(context, { url: server.url, local: true });
  try {
    const people = await gather(crew, plan.participants, (identity) => server.token(room, identity));
    await pause(settleMs);
    const loop = performance.eventLoopUtilization();
    const startedAt = performance.now();
    const used = server.watchCpu();
    const spoken = await speakInTurn(crew, [crew], people.slice(-plan.speakers));
    const node = (used().node * 1000) / (performance.now() - startedAt);
    const { utilization: busy } = performance.eventLoopUtilization(loop);
    return { spoken, arrivals: crew.arrivals(), node, busy };
  } finally {
    await crew.close();
    await server.close();
  }
}

/** From the first word to the first packet at a listener who did not have that person before. */
export async function firstWords(plan: SpeakerPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(`${plan.participants} participants, of whom ${plan.speakers} say something, one after the other`);
  const on = await onLoopback(context, plan, {});
  say('the same with top-N audio off: everybody receives everybody');
  const off = await onLoopback(context, plan, { audioSpeakers: 0 });
  say('the same words before the AudioLevelObserver of mediasoup');
  const figures: Figure[] = [];
  for (const frameMs of frames) {
    const ours = heard(spokenWith(on, frameMs), on.arrivals, false);
    const always = heard(spokenWith(off, frameMs), off.arrivals, true);
    figures.push(...packetFigures(frameMs, ours, always, await observed(context, plan.observed, frameMs)));
  }
  const name = 'while one speaks after the other';
  figures.push(
    figure(`${name}: CPU of Node`, on.node * 1000, 'ms/s', {
      comparedWith: { name: 'top-N audio off', value: off.node * 1000 },
    }),
    figure(`${name}: load client busy, at most`, Math.max(on.busy, off.busy) * 100, '%', { aim: 85 }),
  );
  return figures;
}

function spokenWith({ spoken }: Run, frameMs: AudioFrameMs): Spoken[] {
  return spoken.filter((each) => each.frameMs === frameMs);
}

function packetFigures(frameMs: AudioFrameMs, ours: Heard, always: Heard, observer: Heard): Figure[] {
  const name = `packets of ${frameMs} ms: first word to first packet`;
  const beside = (share: number) => ({ name: 'top-N audio off', value: percentile(always.ms, share) });
  const report = (share: number) => percentile(observer.ms, share);
  return [
    figure(`${name}, p50`, percentile(ours.ms, 0.5), 'ms', { comparedWith: beside(0.5) }),
    figure(`${name}, p95`, percentile(ours.ms, 0.95), 'ms', { comparedWith: beside(0.95), aim: aimMs }),
    ...(observer.ms.length > 0
      ? [
          figure(`${name}, p50, beside a report of mediasoup's observer`, percentile(ours.ms, 0.5), 'ms', {
            comparedWith: { name: 'AudioLevelObserver alone', value: report(0.5) },
          }),
        ]
      : []),
    figure(`packets of ${frameMs} ms: words that never came`, missedShare(ours), '%', {
      comparedWith: { name: "not reported by mediasoup's observer", value: missedShare(observer) },
      aim: 0,
    }),
    figure(`packets of ${frameMs} ms: measured`, ours.ms.length, 'first packets', {
      comparedWith: { name: 'top-N audio off', value: always.ms.length },
    }),
  ];
}

const missedShare = ({ ms, missed }: Heard) => (missed / (ms.length + missed)) * 100;

export interface FarPlan {
  /** Beside the server; all speak. */
  near: number;
  speakers: number;
  /** Behind the line. */
  listeners: number;
  delayMs: number;
  loss: number;
}

/** The line carries some 4,000 packets a second. */
export const farPlan: FarPlan = { near: 94, speakers: 30, listeners: 6, delayMs: 50, loss: 0.01 };

/** A few listeners are far away; one round trip is added to what is aimed at. */
export async function farAway(plan: FarPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  if (!available('listeners behind a bad line')) return [];
  const { near, speakers, listeners, delayMs, loss } = plan;
  const line = `${2 * delayMs} ms round trip, ${loss * 100} % loss`;
  const run = async (config: Partial<Config>): Promise<Run> => {
    const network = new Network();
    try {
      const serverSide = network.namespace('server');
      const farSide = network.namespace('far');
      const cable = await network.cable(serverSide, farSide, { delayMs, loss });
      const server = await BenchServer.start({ host: '0.0.0.0', config, namespace: serverSide });
      const token = (identity: string) => server.token(room, identity);
      const crew = await RemoteCrew.start({ url: server.url, local: true }, serverSide);
      const far = await RemoteCrew.start(
        { url: `http://${cable.ends[0].address}:${server.port}`, local: false },
        farSide,
      );
      try {
        const people = await gather(crew, near, token);
        await inBatches(listeners, listeners, async (index) => {
          const identity = `listener-${index}`;
          await far.join({ identity, token: await token(identity) });
        });
        await pause(settleMs);
        return { spoken: await speakInTurn(crew, [far], people.slice(-speakers)), arrivals: await far.arrivals() };
      } finally {
        await far.close();
        await crew.close();
        await server.close();
      }
    } finally {
      network.close();
    }
  };
  say(`${listeners} listeners behind ${line}: ${speakers} say something`);
  const on = await run({});
  say('the same with top-N audio off');
  const off = await run({ audioSpeakers: 0 });
  return frames.flatMap((frameMs) => {
    const ours = heard(spokenWith(on, frameMs), on.arrivals, false);
    const always = heard(spokenWith(off, frameMs), off.arrivals, true);
    const name = `${line}, packets of ${frameMs} ms: first word to first packet`;
    const beside = (share: number) => ({ name: 'top-N audio off', value: percentile(always.ms, share) });
    return [
      figure(`${name}, p50`, percentile(ours.ms, 0.5), 'ms', { comparedWith: beside(0.5) }),
      figure(`${name}, p95`, percentile(ours.ms, 0.95), 'ms', {
        comparedWith: beside(0.95),
        aim: aimMs + 2 * delayMs,
      }),
    ];
  });
}

/** How soon a new speaker is heard. */
export const speaker: Scenario['parts'] = {
  loopback: (options) => firstWords(hundredPlan, options),
  'bad-line': (options) => farAway(farPlan, options),
};
