import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import { loadReport } from '../../../load/report.ts';
import { LoadProcess } from '../../../support/LoadProcess.ts';
import { testSecret } from '../../../support/testServer.ts';
import { waitFor } from '../../../support/waitFor.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';
import { Crowd, type Return } from './Crowd.ts';

export interface ComebackPlan {
  sockets: number;
  /** People in each room. */
  perRoom: number;
}

export const twoThousandPlan: ComebackPlan = { sockets: 2000, perRoom: 10 };

/** Nothing waits: all joins are worked on at once. */
const unlimited: Partial<Config> = { joinsAtOnce: 100_000 };
/** Between two questions whether the server is there. */
const probeMs = 50;
const calmMs = 1000;

interface Run {
  returns: Return[];
  refusals: ReadonlyMap<string, number>;
  /** The longest time without a packet in the call that went on, in milliseconds: video and audio. */
  gaps: { video: number; audio: number };
  /** The longest time that the server took to answer a question over HTTP, in milliseconds. */
  slowestAnswerMs: number;
}

async function run({ sockets, perRoom }: ComebackPlan, config: Partial<Config>): Promise<Run> {
  const server = await BenchServer.start({ config: { workerMaxParticipants: sockets * 2, ...config } });
  let crowd: Crowd | undefined;
  try {
    crowd = await Crowd.gather(server, sockets, perRoom);
    const call = await callOn(server);
    await pause(calmMs);
    const probe = watchAnswers(server.url);
    const returns = await crowd.comeBack();
    await pause(calmMs);
    const slowestAnswerMs = await probe();
    return { returns, refusals: crowd.refusals, gaps: await call(), slowestAnswerMs };
  } finally {
    crowd?.close();
    await server.close();
  }
}

/** One who sends and one who receives, in a process of their own; the returned function ends it. */
async function callOn(server: BenchServer): Promise<() => Promise<Run['gaps']>> {
  const load = new LoadProcess([
    ...['--url', server.url, '--room', 'call', '--token-secret', testSecret, '--json', '--seconds', '200'],
    ...['--publishers', '1', '--subscribers', '1', '--view', '1', '--no-dtx'],
  ]);
  await waitFor('the call', () => load.stderr.includes('2 of 2 joined'), { timeoutMs: 20_000 });
  return async () => {
    load.child.kill('SIGINT');
    const { stdout, stderr } = await load.outcome;
    if (stdout === '') throw new Error(`the call failed: ${stderr}`);
    const { streams } = loadReport.parse(JSON.parse(stdout));
    const gap = (kind: 'audio' | 'video') => {
      const gaps = streams.filter((stream) => stream.kind === kind).map(({ longestGapMs }) => longestGapMs);
      return gaps.length > 0 ? Math.max(...gaps) : Number.NaN;
    };
    return { video: gap('video'), audio: gap('audio') };
  };
}

/** From now on asks the server again and again; the returned function ends that and gives the longest time for an answer. */
function watchAnswers(url: string): () => Promise<number> {
  let slowest = 0;
  let going = true;
  const asking = (async () => {
    while (going) {
      const askedAt = performance.now();
      const answer = await fetch(`${url}/ready`);
      await answer.text();
      slowest = Math.max(slowest, performance.now() - askedAt);
      await pause(probeMs);
    }
  })();
  return async () => {
    going = false;
    await asking;
    return slowest;
  };
}

/** How soon people are back who lost their connections all at once, beside the same where all joins are worked on at once. */
export async function allAtOnce(plan: ComebackPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  say(`${plan.sockets} sockets come back at once`);
  const on = await run(plan, {});
  say('the same where no join waits');
  const off = await run(plan, unlimited);
  const joined = ({ returns }: Run, share: number) =>
    percentile(
      returns.map(({ joinedMs }) => joinedMs),
      share,
    );
  const attempts = ({ returns }: Run) => returns.reduce((sum, each) => sum + each.attempts, 0) / returns.length;
  const beside = (of: (run: Run) => number) => ({ comparedWith: { name: 'no join waits', value: of(off) } });
  const both = (name: string, unit: string, of: (run: Run) => number, aim?: number) =>
    figure(name, of(on), unit, { ...beside(of), ...(aim !== undefined && { aim }) });
  return [
    both('back in the room', 'people', ({ returns }) => returns.length),
    both('back, p50', 'ms', (of) => joined(of, 0.5)),
    both('back, p95', 'ms', (of) => joined(of, 0.95), 10_000),
    both('back, the last', 'ms', (of) => joined(of, 1), 30_000),
    both('attempts for each', 'attempts', attempts),
    both('refused (server-busy)', 'attempts', ({ refusals }) => refusals.get('server-busy') ?? 0),
    both('a call that goes on: longest time without a packet of video', 'ms', ({ gaps }) => gaps.video, 500),
    both('a call that goes on: longest time without a packet of audio', 'ms', ({ gaps }) => gaps.audio, 500),
    both('slowest answer to /ready meanwhile', 'ms', ({ slowestAnswerMs }) => slowestAnswerMs),
  ];
}

export const comeback: Scenario['parts'] = { 'two-thousand': (options) => allAtOnce(twoThousandPlan, options) };
