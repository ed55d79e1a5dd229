import { type CallWords, wordsAfter } from './callStatus.ts';

/** What the status line says, and what it will say if that lasts. Times are milliseconds. */
export interface StatusHold {
  readonly shown: CallWords | undefined;
  readonly since: number;
  /** What is true now and not shown (yet): undefined as a text says that all is well. */
  readonly next: { readonly words: CallWords | undefined; readonly since: number } | undefined;
}

export const nothingToSay: StatusHold = { shown: undefined, since: Number.NEGATIVE_INFINITY, next: undefined };

/** What is over sooner is nobody's concern: a line that flashes frightens more than it tells. */
const waitMs: Record<CallWords['tone'], number> = { broken: 900, poor: 2500, news: 0, back: 0 };
/** What is shown can be read. */
const leastMs = 1200;
/** A poor connection comes and goes: it is over when it has been good for a while. */
const calmMs: Record<CallWords['tone'], number> = { broken: 0, poor: 3000, news: 0, back: 0 };
/** For how long the good end is told. */
const backMs = 3000;

/** What to say now. @param words what is true now */
export function hold(before: StatusHold, words: CallWords | undefined, now: number): StatusHold {
  const { shown } = before;
  // What was broken works again, be it badly: that comes first.
  const over = shown?.tone === 'broken' && words?.tone !== 'broken';
  if (!over) return follow(before, words, now);
  const held = follow(before, undefined, now);
  return held.shown === shown || words === undefined ? held : { ...held, next: { words, since: now } };
}

function follow(before: StatusHold, words: CallWords | undefined, now: number): StatusHold {
  const { shown } = before;
  if (same(words, shown)) return { ...before, next: undefined };
  // The good end needs no words of its own to be true.
  if (words === undefined && shown?.tone === 'back') {
    return now - before.since >= backMs
      ? { shown: undefined, since: now, next: undefined }
      : { ...before, next: undefined };
  }
  const next =
    before.next && before.next.words?.tone === words?.tone ? { ...before.next, words } : { words, since: now };
  if (now < dueAt(before, next)) return { ...before, next };
  return { shown: words ?? (shown && wordsAfter(shown)), since: now, next: undefined };
}

/** When to look again, in milliseconds from now; undefined: not before something else is true. */
export function lookAgainIn(held: StatusHold, now: number): number | undefined {
  if (held.next !== undefined) return Math.max(0, dueAt(held, held.next) - now);
  return held.shown?.tone === 'back' ? Math.max(0, held.since + backMs - now) : undefined;
}

function dueAt({ shown, since }: StatusHold, next: NonNullable<StatusHold['next']>): number {
  // The good end gives way to trouble at once.
  const yields = shown === undefined || (shown.tone === 'back' && next.words?.tone !== 'news');
  const readable = yields ? Number.NEGATIVE_INFINITY : since + leastMs;
  if (next.words === undefined) return Math.max(readable, next.since + (shown ? calmMs[shown.tone] : 0));
  // One trouble becomes another one: that they wait for each other helps nobody.
  const wait = shown?.tone === next.words.tone ? 0 : waitMs[next.words.tone];
  return Math.max(readable, next.since + wait);
}

function same(one: CallWords | undefined, other: CallWords | undefined): boolean {
  return one?.tone === other?.tone && one?.text === other?.text;
}
