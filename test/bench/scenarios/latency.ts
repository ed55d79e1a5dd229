import { createContext } from '../../load/meeting/LoadMeeting.ts';
import { type Figure, figure } from '../report.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { byTurns, type Measured } from './forwarding/byTurns.ts';
import { packetsPerSecond } from './forwarding/Forwarder.ts';
import { startPlenum, startPlenumWith } from './forwarding/plenum.ts';
import { startRaw } from './forwarding/raw.ts';

/**
 * 300 large videos of some 200 packets a second make 60,000 packets a second. They come from 5 cameras whose frames are
 * spread over time, as in a meeting: one camera for 300 people would send each frame in one burst, and the figure would
 * be the time that the load client takes to read it.
 */
const crowd = { publishers: 5, subscribers: 60 };
const videos = crowd.publishers * crowd.subscribers;
const aimedRate = 60_000;

/** The median over the windows: one in which the machine did something else must not decide. */
function median(values: readonly (number | null)[]): number {
  const sorted = values.flatMap((value) => value ?? []).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no packet carried its time');
  return middle;
}

const p50 = ({ windows }: Measured) => median(windows.map(({ latencyMs }) => latencyMs.p50));
const p99 = ({ windows }: Measured) => median(windows.map(({ latencyMs }) => latencyMs.p99));

/** The first half of the subscribers shares the publishers' worker, the rest gets the videos over pipes. */
const startPiped = startPlenumWith('Plenum, half of them over pipes', {
  workers: 2,
  workerMaxConsumers: videos / 2,
});

async function timeThroughServer({ say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(
    `${crowd.publishers} publishers, ${crowd.subscribers} who receive all: Plenum, mediasoup alone, and Plenum over pipes`,
  );
  const measured = await byTurns([startPlenum, startRaw, startPiped], context, {
    ...crowd,
    rounds: 6,
    windowMs: 4000,
  });
  const [plenum, raw, piped] = measured;
  if (!plenum || !raw || !piped) throw new Error('nothing was measured');
  const beside = (measure: (measured: Measured) => number) => ({ name: raw.name, value: measure(raw) });
  return [
    figure('time through the server, p50', p50(plenum), 'ms', { comparedWith: beside(p50) }),
    figure('time through the server, p99', p99(plenum), 'ms', { comparedWith: beside(p99) }),
    figure("time through the server above mediasoup's, p99", p99(plenum) - p99(raw), 'ms', { aim: 2 }),
    figure('time through the server, half of the subscribers over pipes, p99', p99(piped), 'ms', {
      comparedWith: { name: 'without pipes', value: p99(plenum) },
    }),
    ...measured.flatMap(({ name, windows }) => [
      figure(`packets out per second, ${name}`, packetsPerSecond(windows), 'packets/s', {
        comparedWith: { name: 'what was aimed at', value: aimedRate },
      }),
      figure(
        `packets lost, ${name}`,
        windows.reduce((sum, { lost }) => sum + lost, 0),
        'packets',
        { aim: 0 },
      ),
      figure(`load client busy, ${name}`, Math.max(...windows.map(({ loadBusy }) => loadBusy)) * 100, '%', {
        aim: 85,
      }),
    ]),
  ];
}

/** How long a packet takes through the server, at a rate that the load client drains. */
export const latency: Scenario['parts'] = { meeting: timeThroughServer };
