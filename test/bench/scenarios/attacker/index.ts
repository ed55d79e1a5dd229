import { available } from '../../../support/network/index.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { attackFigures, attackText } from './attackText.ts';
import { type AttackerPlan, lifted, tenTimes } from './plan.ts';
import { Site } from './Site.ts';
import { defaults, runTrial, type Trial } from './Trial.ts';

const joins = (trial: Trial, share: number) =>
  percentile(
    trial.newcomers.map(({ joinMs }) => joinMs),
    share,
  );
/** Who heard nothing counts as one who waited for ever. */
const firstPackets = (trial: Trial, share: number) =>
  percentile(
    trial.newcomers.map(({ firstPacketMs }) => firstPacketMs ?? 1e6),
    share,
  );
const lossPercent = ({ victims }: Trial) => 100 * victims.audioLoss;
const share = (seconds: number, trial: Trial) => (100 * seconds) / trial.seconds;

/** The same call without and with the attacker, then with the attacker and without limits. */
export async function underAttack(plan: AttackerPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  if (!available('the attacker in a network of its own')) return [];
  const site = new Site();
  try {
    say(`a call for ${plan.seconds} s, and ${plan.newcomers} people a second who join it`);
    const calm = await runTrial(site, plan, { attacked: false, config: {} });
    say('the same with an attacker at ten times all limits, who gets the CPU that is left (nice 19, one process)');
    const attacked = await runTrial(site, plan, { attacked: true, config: {} });
    tell(attacked, say);
    say('the same where the limits are lifted: what they are for');
    const free = await runTrial(site, plan, { attacked: true, config: lifted });
    tell(free, say);
    return [...harmFigures(calm, attacked), ...costFigures(calm, attacked), ...proofFigures(calm, free)];
  } finally {
    site.close();
  }
}

function tell({ attack, victims }: Trial, say: (line: string) => void): void {
  for (const line of attack ? attackText(attack) : []) say(line);
  for (const [what, count] of Object.entries(victims.failures)) say(`  the victims: ${what} (${count})`);
}

function harmFigures(calm: Trial, attacked: Trial): Figure[] {
  const beside = (of: (trial: Trial) => number) => ({ comparedWith: { name: 'without', value: of(calm) } });
  const both = (name: string, unit: string, of: (trial: Trial) => number) =>
    figure(name, of(attacked), unit, beside(of));
  const twice = { of: 'ratio', is: 'at most', limit: 2 } as const;
  return [
    figure(
      'audio lost by the victims, beyond that without the attacker',
      lossPercent(attacked) - lossPercent(calm),
      '%',
      {
        aim: 1,
      },
    ),
    both('audio lost by the victims', '%', lossPercent),
    both('packets of audio that the victims got', 'packets', ({ victims }) => victims.audioPackets),
    both('longest time without audio', 'ms', ({ victims }) => victims.longestGapMs),
    both('new people in', 'people', (trial) => trial.newcomers.filter(({ failure }) => failure === null).length),
    both('their joins, p50', 'ms', (trial) => joins(trial, 0.5)),
    figure('their joins, p95', joins(attacked, 0.95), 'ms', { ...beside((trial) => joins(trial, 0.95)), aim: twice }),
    both('their first packet, p95', 'ms', (trial) => firstPackets(trial, 0.95)),
  ];
}

function costFigures(calm: Trial, attacked: Trial): Figure[] {
  const beside = (of: (trial: Trial) => number) => ({ comparedWith: { name: 'without', value: of(calm) } });
  const cpu = (name: string, of: (trial: Trial) => number) => figure(name, of(attacked), '% of a core', beside(of));
  return [
    cpu('CPU of the server: Node', (trial) => share(trial.cpu.node, trial)),
    cpu('CPU of the server: workers', (trial) => share(trial.cpu.workers, trial)),
    ...(attacked.attack ? attackFigures(attacked.attack, defaults) : []),
  ];
}

/** Where nothing is refused, the same attacker must do harm; else there was no attack. */
function proofFigures(calm: Trial, free: Trial): Figure[] {
  return [
    figure('limits lifted: audio lost by the victims', lossPercent(free), '%', {
      comparedWith: { name: 'without attacker', value: lossPercent(calm) },
    }),
    figure('limits lifted: their joins, p95', joins(free, 0.95), 'ms', {
      comparedWith: { name: 'without attacker', value: joins(calm, 0.95) },
      aim: { of: 'ratio', is: 'at least', limit: 2 },
    }),
    figure('limits lifted: CPU of the server: Node', share(free.cpu.node, free), '% of a core'),
  ];
}

export const attacker: Scenario['parts'] = { 'ten-times': (options) => underAttack(tenTimes, options) };
