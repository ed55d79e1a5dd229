export const maxNameLength = 64;

/** One or two letters for the picture of somebody without a camera. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s_-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((word) => (word === undefined ? '' : firstLetter(word))).join('');
}

function firstLetter(word: string): string {
  return (/[\p{L}\p{N}]/u.exec(word)?.[0] ?? '').toLocaleUpperCase();
}

/** The same person has the same colour everywhere: a hue, 0 to 359. */
export function hueOf(identity: string): number {
  let hash = 0;
  for (const char of identity) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 100_003;
  // A golden-angle step spreads identities that differ in one letter only.
  return Math.round(hash * 137.508) % 360;
}
