import { useState } from 'react';
import { familyOf, labelOf } from '../lib/breakouts.ts';
import { readItem, writeItem } from '../lib/storage.ts';

export interface Breakouts {
  /** Labels of the breakout rooms that this tab knows of, in the order in which they were used. */
  readonly labels: readonly string[];
  remember(label: string): void;
}

/** The breakout rooms of a meeting, as far as this tab has had to do with them: nobody is told of other rooms. */
export function useBreakouts(room: string): Breakouts {
  const family = familyOf(room);
  const key = `breakouts.${family}`;
  const [labels, setLabels] = useState(() => readItem('session', key)?.split(',') ?? []);
  const here = labelOf(room);
  const remember = (label: string) => {
    if (labels.includes(label)) return;
    const next = [...labels, label];
    writeItem('session', key, next.join(','));
    setLabels(next);
  };
  return { labels: here === undefined || labels.includes(here) ? labels : [...labels, here], remember };
}
