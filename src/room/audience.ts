/**
 * Who is heard. Pure.
 *
 * The microphones of a room are ranked: whoever may hear n voices hears the first n that are not its own. Places change
 * only for a reason, at each n alike: somebody begins to speak, and takes the place of whoever has been silent longest;
 * somebody goes on speaking, and another has been silent for a while; or somebody is clearly louder for long.
 */

/** One microphone. Times are milliseconds of one clock, which never goes back. */
export interface Voice {
  readonly publicationId: string;
  readonly participantId: string;
  /** The last time that it was loud; -Infinity: not yet. */
  readonly loudAt: number;
  /** Since when it has been speaking, pauses for breath included. */
  readonly speakingSince: number;
  /** Whether that was more than a click. */
  readonly sustained: boolean;
  /** How loud it is when it speaks, smoothed; dBov. */
  readonly level: number;
  /** When it last took a place or lost one. */
  readonly movedAt: number;
}

export type Ranking = readonly Voice[];

/** Shorter than this is a gap between packets or syllables: who is loud and then quiet for less still speaks. */
const gapMs = 300;
/** Silent for longer than this, somebody has finished, and speaks anew the next time. */
const breathMs = 1500;
/** For so long somebody who speaks anew is let in before all others. */
const newMs = 1000;
/** For so long somebody who was let in is not pushed out by a new voice while speaking. */
const newHoldMs = 1000;
/** Between two changes of place of somebody who speaks for a louder one, and by how much louder that one is (dB). */
const louderHoldMs = 2000;
const louderBy = 6;
/** How much of a new level goes into the smoothed one; there are some ten a second. */
const smoothing = 0.15;

export function voiceOf(publicationId: string, participantId: string): Voice {
  const never = Number.NEGATIVE_INFINITY;
  return {
    publicationId,
    participantId,
    loudAt: never,
    speakingSince: never,
    sustained: false,
    level: never,
    movedAt: never,
  };
}

/** Takes in what was heard of a voice; its place stays. */
export function spoke(voice: Voice, level: number, sustained: boolean, now: number): Voice {
  if (now - voice.loudAt >= breathMs) return { ...voice, loudAt: now, speakingSince: now, sustained, level };
  return {
    ...voice,
    loudAt: now,
    sustained: voice.sustained || sustained,
    level: voice.level + smoothing * (level - voice.level),
  };
}

export function speaks({ loudAt }: Voice, now: number): boolean {
  return now - loudAt < gapMs;
}

/** Takes a voice out; where it had one of the places, the others move up, and the one who spoke last gets the last. */
export function without(ranking: Ranking, publicationId: string, places: number): Ranking {
  const at = ranking.findIndex((voice) => voice.publicationId === publicationId);
  const rest = ranking.filter((_voice, index) => index !== at);
  if (at < 0 || at >= places || rest.length < places) return rest;
  const [first, ...others] = rest.slice(places - 1);
  if (!first) return rest;
  const next = others.reduce((best, voice) => (voice.loudAt > best.loudAt ? voice : best), first);
  return [...rest.slice(0, places - 1), next, ...rest.slice(places - 1).filter((voice) => voice !== next)];
}

/**
 * Lets those who speak take the places that are due to them.
 *
 * @param places how many at the front matter to anybody: those beyond are heard by nobody
 * @returns the same object where nothing changes
 */
export function settle(ranking: Ranking, places: number, now: number): Ranking {
  let voices = ranking;
  const compete = (at: number, holders: number) => {
    const challenger = voices[at];
    const place = challenger && placeFor(challenger, voices.slice(0, holders), now);
    const holder = place === undefined ? undefined : voices[place];
    if (!challenger || !holder || place === undefined) return false;
    voices = voices.with(place, { ...challenger, movedAt: now }).with(at, { ...holder, movedAt: now });
    return true;
  };
  for (const outsider of outsiders(ranking, places, now)) {
    const succeeded = compete(voices.indexOf(outsider), places);
    // Those who follow are not new either, and less loud.
    if (!succeeded && !isNew(outsider, now)) break;
  }
  // From the last place up: at each number of voices that somebody may hear, one stands just outside.
  for (let holders = Math.min(places, voices.length) - 1; holders > 0; holders -= 1) compete(holders, holders);
  return voices;
}

/** What somebody hears who may hear so many voices. */
export function audible(ranking: Ranking, participantId: string, limit: number): string[] {
  const heard: string[] = [];
  for (const voice of ranking) {
    if (heard.length >= limit) break;
    if (voice.participantId !== participantId) heard.push(voice.publicationId);
  }
  return heard;
}

/** Those without a place who speak: new ones first, then the loudest. */
function outsiders(ranking: Ranking, places: number, now: number): Voice[] {
  const speaking = ranking.slice(places).filter((voice) => speaks(voice, now));
  return speaking.sort((a, b) => Number(isNew(b, now)) - Number(isNew(a, now)) || b.level - a.level);
}

function isNew({ speakingSince }: Voice, now: number): boolean {
  return now - speakingSince < newMs;
}

/** Which of the holders gives way to the challenger; undefined: none. */
function placeFor(challenger: Voice, holders: Ranking, now: number): number | undefined {
  if (!speaks(challenger, now)) return undefined;
  const isNewVoice = isNew(challenger, now);
  const silent = indexOfLeast(holders, ({ loudAt }) => loudAt);
  const silentMs = now - (holders[silent]?.loudAt ?? now);
  if (silentMs >= (isNewVoice ? gapMs : breathMs)) return silent;
  // All of them speak, or have only just stopped.
  if (isNewVoice && !challenger.sustained) return undefined;
  const holdMs = isNewVoice ? newHoldMs : louderHoldMs;
  const settled = ({ movedAt }: Voice) => now - movedAt >= holdMs;
  const quietest = indexOfLeast(holders, (voice) => (settled(voice) ? voice.level : Number.POSITIVE_INFINITY));
  const holder = holders[quietest];
  if (!holder || !settled(holder)) return undefined;
  if (isNewVoice) return quietest;
  return settled(challenger) && challenger.level - holder.level >= louderBy ? quietest : undefined;
}

/** Of equals the last one. */
function indexOfLeast(voices: Ranking, value: (voice: Voice) => number): number {
  let least = -1;
  let leastValue = Number.POSITIVE_INFINITY;
  voices.forEach((voice, index) => {
    const own = value(voice);
    if (own > leastValue) return;
    least = index;
    leastValue = own;
  });
  return least;
}
