/**
 * A generated message names what is only known when it is sent, and says what no JavaScript value can say. So it carries
 * placeholders, which are filled in as it is written down: the same seed makes the same messages, whatever ids a run has.
 */

/** What a placeholder can stand for: ids by what they are of; `foreign`: of another room. */
export const references = [
  'participant',
  'publication',
  'subscription',
  'chat',
  'knock',
  'identity',
  'banned',
  'room',
  'foreign',
  'fresh',
] as const;
export type Reference = (typeof references)[number];

/** Fits the protocol's shape of an id, and of an identity. */
export function reference(kind: Reference, index: number): string {
  return `ref--${kind}--${index}`;
}

const deep = 3000;

/** JSON that JSON.stringify never writes. */
export const rawTexts = {
  infinity: '1e999',
  minusInfinity: '-1e999',
  minusZero: '-0',
  tiny: '1e-400',
  precise: '123456789012345678901234567890.123456789',
  sameKeyTwice: '{"a":1,"a":2}',
  proto: '{"__proto__":{"admin":true}}',
  deepLists: `${'['.repeat(deep)}${']'.repeat(deep)}`,
  deepObjects: `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
  loneSurrogate: '"\\ud800"',
  escapes: '"\\u0000\\u001b[2J\\u202e"',
} as const;
export type RawText = keyof typeof rawTexts;

export const rawNames = Object.keys(rawTexts) as RawText[];

export function raw(name: RawText): string {
  return `raw--${name}--`;
}

/** A number that no other message of the run has. */
export const freshNumber = 'raw--number--';
/** As a key: `__proto__`, which cannot be written in an object literal. */
export const protoKey = 'key--proto--';

export interface Names {
  /** @param index any whole number; whoever answers takes what is left of it */
  name(kind: Reference, index: number): string;
  freshNumber(): number;
}

/** Writes a message down, with all placeholders filled in. */
export function jsonOf(value: unknown, names: Names): string {
  return (JSON.stringify(value) ?? 'null')
    .replaceAll(/"raw--(\w+)--"/g, (_all, name: string) =>
      name === 'number' ? String(names.freshNumber()) : (rawOf(name) ?? 'null'),
    )
    .replaceAll(/ref--(\w+)--(\d+)/g, (_all, kind: Reference, index: string) =>
      escaped(names.name(kind, Number(index))),
    )
    .replaceAll(protoKey, '__proto__');
}

function rawOf(name: string): string | undefined {
  return Object.entries(rawTexts).find(([each]) => each === name)?.[1];
}

/** As part of a JSON string. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
