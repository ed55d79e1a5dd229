import { type Figure, figure } from '../../report.ts';
import { type Allowed, type AttackReport, kinds } from './plan.ts';

/** What was sent and what was answered, a line for each kind. */
export function attackText({ sent, answers }: AttackReport): string[] {
  return kinds.map((kind) => {
    const outcomes = Object.entries(answers[kind]).toSorted(([, a], [, b]) => b - a);
    const told = outcomes.map(([what, count]) => `${what} ${count}`).join(', ') || 'nothing came back';
    return `  ${kind}: ${sent[kind]} sent${kind === 'requests' ? ' (by weight)' : ''}; ${told}`;
  });
}

/** How often a second, beside what is allowed, and what that took. */
export function attackFigures({ sent, seconds, cpuSeconds }: AttackReport, allowed: Allowed): Figure[] {
  return [
    ...kinds.map((kind) =>
      figure(`the attacker sent: ${kind}`, sent[kind] / seconds, '/s', {
        comparedWith: { name: 'allowed', value: allowed[kind] },
      }),
    ),
    figure('CPU of the attacker, of one core', (100 * cpuSeconds) / seconds, '%'),
  ];
}
