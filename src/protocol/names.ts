/** What names may be made of: those of people in all scripts, and nothing that only looks like one, or like none. */

/** What a terminal, a log or a name tag must not get: C0, C1, marks, overrides and isolates of direction. */
const control = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
/** Nobody sees it, or it breaks the line; the last one is a braille pattern without dots. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/u;
/** By itself there is nothing to see of it: spaces, and marks that belong to a letter. */
const dependent = /[\p{Z}\p{M}]/u;
const mark = /\p{M}/u;

const joiner = /[\u200c\u200d]/u;
const emoji = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;
/** Letters that a joiner changes nothing of; those of all others it may: Arabic ones, and those of Indian scripts. */
const unjoined =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Common}]/u;
/** Scripts without spaces between words have a break there that takes no place. */
const unspaced = /[\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Thai}]/u;

const mostLooked = 256;

export function hasControls(text: string): boolean {
  return control.test(text);
}

/**
 * Whether there is something to see of it, and nothing in it that nobody sees. What is not seen by itself may stand where it
 * changes how others look: joiners in the scripts that have them and between emoji, and selectors of variants.
 */
export function isName(text: string): boolean {
  // Whatever has a name takes fewer: nobody makes the server look at more.
  if (text.length > mostLooked || hasControls(text)) return false;
  if (/^[ -~]*$/.test(text)) return text.trim() !== '';
  return [...text].some((point) => !unseen.test(point) && !dependent.test(point)) && misplaced(text).size === 0;
}

/** What is left of what somebody has typed or pasted: a name of one line as the server takes it, or nothing. */
export function cleanName(text: string, mostCharacters = 64): string {
  const line = text
    .slice(0, 16 * mostLooked)
    .toWellFormed()
    .replace(new RegExp(control, 'gu'), ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const out = misplaced(line);
  const rest = [...line].filter((_, index) => !out.has(index)).join('');
  if (out.size > 0 || rest !== text) return cleanName(rest, mostCharacters);
  if (rest.length > mostCharacters) return cleanName(cut(rest, mostCharacters), mostCharacters);
  return isName(rest) ? rest : '';
}

/** Never half of a character. */
function cut(text: string, mostCharacters: number): string {
  const start = text.slice(0, mostCharacters);
  return start.isWellFormed() ? start : start.slice(0, -1);
}

/** Indices of those code points that nobody sees, and that change nothing where they stand. */
function misplaced(text: string): Set<number> {
  const points = [...text];
  const found = new Set<number>();
  let base = '';
  for (const [index, point] of points.entries()) {
    if (!unseen.test(point)) base = mark.test(point) ? base : point;
    else if (!isPlaced(point, { base, before: points[index - 1] ?? '', after: points[index + 1] ?? '' }))
      found.add(index);
  }
  return found;
}

/** @param base what stands before it and is no mark */
function isPlaced(point: string, { base, before, after }: { base: string; before: string; after: string }): boolean {
  if (/\p{Variation_Selector}/u.test(point)) return before === base && isVaried(base, point, after);
  if (joiner.test(before)) return false;
  if (point === '\u200d' && emoji.test(base)) return emoji.test(after);
  if (joiner.test(point)) return /\p{L}/u.test(base) && !unjoined.test(base);
  // Mongolian has vowels that stand apart.
  if (point === '\u180e') return /\p{Script=Mongolian}/u.test(base);
  return point === '\u200b' && unspaced.test(base) && unspaced.test(after);
}

function isVaried(base: string, selector: string, after: string): boolean {
  // As text or as emoji; a digit in a key cap.
  if (/[\ufe0e\ufe0f]/.test(selector)) return /\p{Extended_Pictographic}/u.test(base) || after === '\u20e3';
  return /[\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}]/u.test(base);
}
