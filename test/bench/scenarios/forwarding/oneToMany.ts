import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type Figure, figure } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import { byTurns, type Measured } from './byTurns.ts';
import { cpuPerSecond, packetsPerCpuSecond, packetsPerSecond } from './Forwarder.ts';
import { startJanus } from './janus.ts';
import { startPlenum } from './plenum.ts';
import { startRaw } from './raw.ts';

const subscribers = 150;
const turns = { publishers: 1, subscribers, rounds: 4, windowMs: 5000 };
/** LiveKit's own benchmark: 560,962 packets a second at 92 % of 16 cores, rounded. */
const liveKitPerCore = 38_000;

/** One publisher, many subscribers: Plenum by turns with mediasoup alone, then Janus with the same load. */
export async function oneToMany(janus: boolean, { say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  say(`one publisher, ${subscribers} subscribers: Plenum and mediasoup alone`);
  const [plenum, raw] = await byTurns([startPlenum, startRaw], context, turns);
  if (!plenum || !raw) throw new Error('nothing was measured');
  const other: Measured[] = [];
  if (janus) {
    say('the same with Janus');
    other.push(...(await byTurns([startJanus], context, { ...turns, rounds: 2 })));
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
    figure('one publisher: CPU of the worker', cpuPerSecond(plenum.windows, 'workers'), 'ms/s', {
      comparedWith: { name: raw.name, value: cpuPerSecond(raw.windows, 'workers') },
    }),
    figure('one publisher: CPU of Node', cpuPerSecond(plenum.windows, 'node'), 'ms/s', {
      comparedWith: { name: raw.name, value: cpuPerSecond(raw.windows, 'node') },
    }),
    ...[plenum, raw, ...other].map(({ name, windows }) =>
      figure(`one publisher: packets out per second, ${name}`, packetsPerSecond(windows), 'packets/s'),
    ),
  ];
}
