import { available } from '../../../support/network/index.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { attackFigures, attackText } from './attackText.ts';
import { type AttackerPlan, groups, type Kind, kinds, lifted, tenTimes, times } from './plan.ts';
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
const packetRate = ({ victims, seconds }: Trial) => victims.audioPackets / seconds;
const shareIn = ({ newcomers }: Trial) =>
  (100 * newcomers.filter(({ failure }) => failure === null).length) / newcomers.length;
const share = (seconds: number, trial: Trial) => (100 * seconds) / trial.seconds;

/** Less than what it is told to send is no attack at ten times the limits. */
const atLeast = 9;

/**
 * The same call without the attacker, with each group of what it sends at ten times the limits, with all of that at once, as
 * much as the machine yields, and then without limits.
 */
export async function underAttack(plan: AttackerPlan, { say }: ScenarioOptions): Promise<Figure[]> {
  if (!available('the attacker in a network of its own')) return [];
  const { seconds, groupSeconds } = plan;
  const site = new Site();
  try {
    say(`a call for ${seconds} s, and ${plan.newcomers} people a second who join it`);
    const calm = await runTrial(site, plan, { seconds, attack: [] });
    const figures: Figure[] = [];
    for (const group of groups) {
      const what = group.join(', ');
      say(`the same for ${groupSeconds} s with an attacker at ${times} times the limits: ${what}`);
      const trial = await runTrial(site, plan, { seconds: groupSeconds, attack: group });
      tell(trial, say);
      figures.push(...harmFigures(what, calm, trial), ...sentFigures(trial, group, atLeast));
    }
    say('all of that at once, as much as one process sends with the CPU that is left (nice 19)');
    const attacked = await runTrial(site, plan, { seconds, attack: kinds });
    tell(attacked, say);
    figures.push(...harmFigures('all at once', calm, attacked), ...sentFigures(attacked, kinds));
    figures.push(...costFigures(calm, attacked));
    say('the same where the limits are lifted: what they are for');
    const free = await runTrial(site, plan, { seconds, attack: kinds, config: lifted });
    tell(free, say);
    return [...figures, ...proofFigures(calm, free)];
  } finally {
    site.close();
  }
}

function tell({ attack, victims }: Trial, say: (line: string) => void): void {
  for (const line of attack ? attackText(attack) : []) say(line);
  for (const [what, count] of Object.entries(victims.failures)) say(`  the victims: ${what} (${count})`);
}

/** @param what was sent */
function harmFigures(what: string, calm: Trial, attacked: Trial): Figure[] {
  const beside = (of: (trial: Trial) => number) => ({ comparedWith: { name: 'without', value: of(calm) } });
  const both = (name: string, unit: string, of: (trial: Trial) => number) =>
    figure(`${what}: ${name}`, of(attacked), unit, beside(of));
  const twice = { of: 'ratio', is: 'at most', limit: 2 } as const;
  const more = lossPercent(attacked) - lossPercent(calm);
  return [
    figure(`${what}: audio lost beyond that without`, more, '%', { aim: 1 }),
    figure(`${what}: packets of audio a second`, packetRate(attacked), '/s', {
      ...beside(packetRate),
      aim: { of: 'ratio', is: 'at least', limit: 0.98 },
    }),
    both('longest time without audio', 'ms', ({ victims }) => victims.longestGapMs),
    figure(`${what}: new people in`, shareIn(attacked), '%', { aim: { of: 'value', is: 'at least', limit: 100 } }),
    both('joins, p50', 'ms', (trial) => joins(trial, 0.5)),
    figure(`${what}: joins, p95`, joins(attacked, 0.95), 'ms', {
      ...beside((trial) => joins(trial, 0.95)),
      aim: twice,
    }),
    both('first packet, p95', 'ms', (trial) => firstPackets(trial, 0.95)),
  ];
}

function sentFigures({ attack }: Trial, only: readonly Kind[], atLeast?: number): Figure[] {
  return attack ? attackFigures(attack, { allowed: defaults, only, ...(atLeast !== undefined && { atLeast }) }) : [];
}

function costFigures(calm: Trial, attacked: Trial): Figure[] {
  const beside = (of: (trial: Trial) => number) => ({ comparedWith: { name: 'without', value: of(calm) } });
  const cpu = (name: string, of: (trial: Trial) => number) => figure(name, of(attacked), '% of a core', beside(of));
  return [
    cpu('CPU of the server: Node', (trial) => share(trial.cpu.node, trial)),
    cpu('CPU of the server: workers', (trial) => share(trial.cpu.workers, trial)),
    cpu('CPU of the attacker', ({ attack }) => (attack ? (100 * attack.cpuSeconds) / attack.seconds : 0)),
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
