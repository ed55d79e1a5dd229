import { type Figure, figure } from '../../report.ts';
import { type Allowed, type AttackReport, type Kind, kinds } from './plan.ts';

/** What was sent and what was answered, a line for each kind. */
export function attackText({ sent, answers }: AttackReport): string[] {
  return kinds.flatMap((kind) => {
    if (sent[kind] === 0) return [];
    const outcomes = Object.entries(answers[kind]).toSorted(([, a], [, b]) => b - a);
    const told = outcomes.map(([what, count]) => `${what} ${count}`).join(', ') || 'nothing came back';
    return `  ${kind}: ${sent[kind]} sent${kind === 'requests' ? ' (by weight)' : ''}; ${told}`;
  });
}

/** How often a second, beside what is allowed. */
export function attackFigures(
  { sent, seconds }: AttackReport,
  { allowed, only, atLeast }: { allowed: Allowed; only: readonly Kind[]; atLeast?: number },
): Figure[] {
  return only.map((kind) =>
    figure(`the attacker sent: ${kind}`, sent[kind] / seconds, '/s', {
      comparedWith: { name: 'allowed', value: allowed[kind] },
      ...(atLeast !== undefined && { aim: { of: 'ratio', is: 'at least', limit: atLeast } }),
    }),
  );
}
