/** Whom the speaker view shows, and who might be next. */
export interface SpeakerHold {
  readonly shown: string | undefined;
  /** Who is louder than the one shown, and since when; milliseconds. */
  readonly next: { readonly key: string; readonly since: number } | undefined;
  /** When the one shown was last heard. */
  readonly heardAt: number;
}

export const nobodyHeard: SpeakerHold = { shown: undefined, next: undefined, heardAt: Number.NEGATIVE_INFINITY };

/** Somebody who speaks up has to go on for so long before the picture changes, in milliseconds: */
const whileSilentMs = 300;
/** longer while the one who is shown still speaks: "yes" and "mhm" are no change of speaker. */
const whileSpeakingMs = 1500;
/** People pause between sentences. */
const pauseMs = 1000;

/**
 * What to show after the loudest others have been heard.
 * @param speaking who is heard now, loudest first
 */
export function hear(before: SpeakerHold, speaking: readonly string[], now: number): SpeakerHold {
  const [loudest] = speaking;
  const { shown } = before;
  const heardAt = shown !== undefined && speaking.includes(shown) ? now : before.heardAt;
  if (loudest === undefined || loudest === shown) return { shown, next: undefined, heardAt };
  // Nobody has been shown yet: there is nothing to hold on to.
  if (shown === undefined) return { shown: loudest, next: undefined, heardAt: now };
  const next = before.next?.key === loudest ? before.next : { key: loudest, since: now };
  if (now - next.since >= patience(heardAt, now)) return { shown: loudest, next: undefined, heardAt: now };
  return { shown, next, heardAt };
}

/** When to look again, in milliseconds from now; undefined: not before somebody else is heard. */
export function lookAgainIn({ next, heardAt }: SpeakerHold, now: number): number | undefined {
  return next === undefined ? undefined : Math.max(0, next.since + patience(heardAt, now) - now);
}

function patience(heardAt: number, now: number): number {
  return now - heardAt < pauseMs ? whileSpeakingMs : whileSilentMs;
}
