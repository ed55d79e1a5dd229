import { createContext } from '../../load/meeting/LoadMeeting.ts';
import { type Figure, figure } from '../report.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { byTurns, type Measured } from './forwarding/byTurns.ts';
import { packetsPerSecond } from './forwarding/Forwarder.ts';
import { startPlenum, startPlenumWith } from './forwarding/plenum.ts';
import { startRaw } from './forwarding/raw.ts';

/** With one large video of some 200 packets a second this makes 60,000 packets a second. */
const subscribers = 300;
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

/** The first half of the subscribers shares the publisher's worker, the rest gets the video over a pipe. */
const startPiped = startPlenumWith('Plenum, half of them over a pipe', {
  workers: 2,
  workerMaxConsumers: subscribers / 2,
});

async function timeThroughServer({ say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(`one publisher, ${subscribers} subscribers: Plenum, mediasoup alone, and Plenum over a pipe`);
  const measured = await byTurns([startPlenum, startRaw, startPiped], context, {
    subscribers,
    rounds: 3,
    windowMs: 6000,
  });
  const [plenum, raw, piped] = measured;
  if (!plenum || !raw || !piped) throw new Error('nothing was measured');
  const beside = (measure: (measured: Measured) => number) => ({ name: raw.name, value: measure(raw) });
  return [
    figure('time through the server, p50', p50(plenum), 'ms', { comparedWith: beside(p50) }),
    figure('time through the server, p99', p99(plenum), 'ms', { comparedWith: beside(p99) }),
    figure("time through the server above mediasoup's, p99", p99(plenum) - p99(raw), 'ms', { aim: 2 }),
    figure('time through the server, half of the subscribers over a pipe, p99', p99(piped), 'ms', {
      comparedWith: { name: 'without a pipe', value: p99(plenum) },
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
export const latency: Scenario['parts'] = { 'one-to-many': timeThroughServer };
