import { injections } from './injections.ts';

/** Texts of all kinds that are texts all the same: other scripts, emoji, marks, what is code elsewhere. */
export const plainTexts: readonly string[] = [
  'a',
  'ada',
  'Grace Hopper',
  'é',
  'e\u0301\u0302\u0303',
  'Ελλάδα',
  'שלום',
  'مرحبا',
  'こんにちは',
  '👩‍👩‍👧‍👦',
  'İıſßﬀＡ',
  '\u200b\u2060',
  '\u2028',
  '%s%n%d',
  '../..',
  'a\tb\nc',
  'constructor',
  '__proto__',
  '0',
  '-1',
  'NaN',
  '42',
  'x'.repeat(64),
  ...injections.slice(0, 12),
];
