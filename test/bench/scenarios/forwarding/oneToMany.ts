import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type Figure, figure } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import {
  type Forwarder,
  measureWindow,
  packetsPerCpuSecond,
  packetsPerSecond,
  type StartForwarder,
  type Window,
} from './Forwarder.ts';
import { startJanus } from './janus.ts';
import { startPlenum } from './plenum.ts';
import { startRaw } from './raw.ts';

const subscribers = 150;
const windowMs = 5000;
/** Each of those that are compared is measured so often, by turns: what else the machine does hits all alike. */
const rounds = 4;
/** LiveKit's own benchmark: 560,962 packets a second at 92 % of 16 cores, rounded. */
const liveKitPerCore = 38_000;

interface Measured {
  name: string;
  windows: Window[];
}

/** One publisher, many subscribers: Plenum by turns with mediasoup alone, then Janus with the same load. */
export async function oneToMany(janus: boolean, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(`one publisher, ${subscribers} subscribers: Plenum and mediasoup alone`);
  const [plenum, raw] = await byTurns([startPlenum, startRaw], (start) => start(context, subscribers));
  if (!plenum || !raw) throw new Error('nothing was measured');
  const other: Measured[] = [];
  if (janus) {
    say('the same with Janus');
    other.push(...(await byTurns([startJanus], (start) => start(context, subscribers))));
  }
  const [janusMeasured] = other;
  const value = packetsPerCpuSecond(plenum.windows);
  const beside = ({ name, windows }: Measured) => ({ name, value: packetsPerCpuSecond(windows) });
  return [
    figure('one publisher: packets out per CPU-second', value, 'packets', {
      comparedWith: beside(raw),
      aim: { of: 'ratio', is: 'at least', limit: 0.95 },
    }),
    ...(janusMeasured
      ? [
          figure('one publisher: packets out per CPU-second, beside Janus', value, 'packets', {
            comparedWith: beside(janusMeasured),
            aim: { of: 'ratio', is: 'at least', limit: 2 },
          }),
        ]
      : []),
    figure("one publisher: packets out per CPU-second, beside LiveKit's own figure", value, 'packets', {
      comparedWith: { name: 'LiveKit (published, other machine)', value: liveKitPerCore },
    }),
    ...[plenum, raw, ...other].map(({ name, windows }) =>
      figure(`one publisher: packets out per second, ${name}`, packetsPerSecond(windows), 'packets/s'),
    ),
  ];
}

/** Starts all, measures one after the other in several rounds, and ends them. */
async function byTurns(
  starts: readonly StartForwarder[],
  start: (forwarder: StartForwarder) => Promise<Forwarder>,
): Promise<Measured[]> {
  const forwarders: Forwarder[] = [];
  try {
    for (const each of starts) forwarders.push(await start(each));
    const measured = forwarders.map(({ name }): Measured => ({ name, windows: [] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, forwarder] of forwarders.entries()) {
        measured[index]?.windows.push(await measureWindow(forwarder, windowMs));
      }
    }
    return measured;
  } finally {
    for (const forwarder of forwarders) await forwarder.close();
  }
}
