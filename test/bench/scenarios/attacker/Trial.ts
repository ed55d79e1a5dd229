import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../../../../src/config.ts';
import { testSecret } from '../../../support/testServer.ts';
import { BenchServer, type ServerCpu } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';
import {
  type AttackerPlan,
  type AttackOrder,
  type AttackReport,
  allowed,
  attackReport,
  type Kind,
  kinds,
  type Newcomer,
  type NewcomersOrder,
  newcomersReport,
  times,
} from './plan.ts';
import { outcomeOf, type Site, serverAddress, startIn } from './Site.ts';
import { Victims, type VictimsReport, victimsRoom } from './Victims.ts';

const program = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
const rtcPort = 40_000;

/** What is allowed by default. */
export const defaults = allowed(readConfig(['--open'], {}));

export interface Trial {
  victims: VictimsReport;
  newcomers: Newcomer[];
  cpu: ServerCpu;
  seconds: number;
  attack: AttackReport | undefined;
}

export interface TrialOptions {
  seconds: number;
  /** What the attacker sends at many times the limits; empty: there is none. */
  attack: readonly Kind[];
  config?: Partial<Config>;
}

/** A server of its own, a call on it, and people who join that call, for so long; with or without the attacker. */
export async function runTrial(
  site: Site,
  { newcomers, intruders }: Pick<AttackerPlan, 'newcomers' | 'intruders'>,
  { seconds, attack: sent, config }: TrialOptions,
): Promise<Trial> {
  const server = await BenchServer.start({
    host: serverAddress,
    namespace: site.server,
    config: { ...config, rtcPort },
  });
  try {
    const url = `http://${serverAddress}:${server.port}`;
    const victims = await Victims.begin(site.victims, url);
    const order: NewcomersOrder = {
      ...{ url, room: victimsRoom, tokenSecret: testSecret },
      ...{ perSecond: newcomers, seconds },
    };
    const attack = sent.length > 0 ? await attackOrder(server, sent, intruders, seconds) : undefined;
    const used = server.watchCpu();
    const startedAt = performance.now();
    const coming = outcomeOf(
      startIn(site.victims, -10, program('newcomersProcess'), [JSON.stringify(order)]),
      'the newcomers',
    );
    const report = attack
      ? attackReport.parse(
          await outcomeOf(
            startIn(site.attacker, 19, program('attackerProcess'), [JSON.stringify(attack)]),
            'the attacker',
          ),
        )
      : await pause(seconds * 1000);
    const cpu = used();
    const tookSeconds = (performance.now() - startedAt) / 1000;
    const heard = await victims.end();
    return {
      victims: heard,
      newcomers: newcomersReport.parse(await coming),
      cpu,
      seconds: tookSeconds,
      attack: report ?? undefined,
    };
  } finally {
    await server.close();
  }
}

async function attackOrder(
  server: BenchServer,
  sent: readonly Kind[],
  intruders: number,
  seconds: number,
): Promise<AttackOrder> {
  const { port, workerPids } = server;
  const tokens = await Promise.all(
    // Two of them are guests of the victims.
    Array.from({ length: intruders }, (_, n) => server.token(n < 2 ? victimsRoom : `room-${n % 5}`, `intruder-${n}`)),
  );
  return {
    ...{ host: serverAddress, port, rtcPorts: workerPids.map((_, index) => rtcPort + index) },
    ...{ seconds, tokens, room: victimsRoom },
    rates: Object.fromEntries(kinds.map((kind) => [kind, rateOf(kind, sent)])) as Record<Kind, number>,
  };
}

/** Whoever asks for something has to come first, which it does as often as it may. */
function rateOf(kind: Kind, sent: readonly Kind[]): number {
  if (sent.includes(kind)) return defaults[kind] * times;
  return kind === 'connects' && sent.includes('requests') ? defaults.connects : 0;
}
