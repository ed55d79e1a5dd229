import fc from 'fast-check';
import type { z } from 'zod';
import { plainTexts } from './texts.ts';

/** The names of the fields from the message down to the value; lists add none. */
export type Path = readonly string[];

/** What a schema alone does not say, for example which ids there are; undefined: generate by the schema. */
export type Special = (schema: unknown, path: Path) => fc.Arbitrary<unknown> | undefined;

/** So many items a list has as a rule; a long one costs time and says little more. */
const usualItems = 4;

/**
 * Values that fit a schema, derived by walking it: a new message needs nobody who writes a generator for it. Where a
 * refinement cannot be met by chance, what comes out fits in all but that.
 */
export function fromSchema(schema: z.ZodType, special: Special, path: Path = []): fc.Arbitrary<unknown> {
  const given = special(schema, path);
  if (given) return given;
  const made = byType(schema, special, path);
  const { type } = schema.def;
  return type === 'object' && checksOf(schema).some(({ check }) => check === 'custom') ? refined(schema, made) : made;
}

function byType(schema: z.ZodType, special: Special, path: Path): fc.Arbitrary<unknown> {
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  const inner = (child: unknown, ...names: string[]) => fromSchema(child as z.ZodType, special, [...path, ...names]);
  switch (def.type) {
    case 'object':
      return objects(def.shape, inner);
    case 'record':
      return fc.dictionary(keys(inner(def.keyType, '')), inner(def.valueType), { maxKeys: usualItems });
    case 'array':
      return lists(schema, inner(def.element));
    case 'tuple':
      return fc.tuple(...def.items.map((item) => inner(item)));
    case 'union':
      return fc.oneof(...def.options.map((option) => inner(option)));
    case 'optional':
    case 'nullable':
      return inner(def.innerType);
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return inner(def.innerType);
    case 'pipe':
      return inner(def.in);
    case 'lazy':
      return inner(def.getter());
    case 'string':
      return strings(schema);
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

type Inner = (child: unknown, ...names: string[]) => fc.Arbitrary<unknown>;

function objects(shape: Readonly<Record<string, unknown>>, inner: Inner): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, inner(field, name)]));
  const requiredKeys = Object.entries(shape).flatMap(([name, field]) => (mayBeLeftOut(field) ? [] : [name]));
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

function mayBeLeftOut(field: unknown): boolean {
  const { type } = (field as z.core.$ZodTypes)._zod.def;
  return type === 'optional' || type === 'default' || type === 'prefault';
}

/** Names that JavaScript treats in its own way belong to what is nearly valid. */
function keys(made: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return made.map(String).filter((key) => key !== '__proto__');
}

function lists(schema: z.ZodType, item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { least, most } = bounds(schema, 'min_length', 'max_length', { least: 0, most: 1000 });
  const usual = fc.array(item, { minLength: least, maxLength: Math.max(least, Math.min(most, usualItems)) });
  // As many as there may be, all alike.
  const full = item.map((each) => Array.from({ length: Math.min(most, 1000) }, () => each));
  return fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: full });
}

function strings(schema: z.ZodType): fc.Arbitrary<unknown> {
  const { least, most } = bounds(schema, 'min_length', 'max_length', { least: 0, most: 5000 });
  const pattern = checksOf(schema).find((check) => check.pattern)?.pattern;
  const fits = (text: string) => schema.safeParse(text).success;
  const pool = [...plainTexts, ...(pattern ? matching(pattern) : []), 'x'.repeat(most)].filter(fits);
  return fc.constantFrom(...(pool.length > 0 ? pool : ['x'.repeat(Math.max(1, least))]));
}

const made = new Map<string, readonly string[]>();

/** Some texts that fit a pattern. A few, made once: making them takes a thousand times as long as choosing one. */
function matching(pattern: RegExp): readonly string[] {
  const key = String(pattern);
  // Classes of Unicode are too large to be walked; texts of all kinds are among the plain ones.
  const found =
    made.get(key) ?? (/\\p/i.test(key) ? [] : fc.sample(fc.stringMatching(pattern), { numRuns: 30, seed: 1 }));
  made.set(key, found);
  return found;
}

function numbers(schema: z.ZodType): fc.Arbitrary<unknown> {
  const { least, most } = bounds(schema, 'greater_than', 'less_than', { least: -1e6, most: 1e6 });
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  const whole = 'format' in def && String(def.format).includes('int');
  const edges = fc.constantFrom(least, most);
  return fc.oneof(
    edges,
    whole ? fc.integer({ min: least, max: most }) : fc.double({ min: least, max: most, noNaN: true }),
  );
}

/** Fields that must fit one another may do so by chance: the first of three that passes. */
function refined(schema: z.ZodType, made: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const passes = (value: unknown) => schema.safeParse(value).success;
  return fc.tuple(made, made, made).map((candidates) => candidates.find(passes) ?? candidates[0]);
}

interface Bounds {
  least: number;
  most: number;
}

function bounds(schema: z.ZodType, lower: string, upper: string, usual: Bounds): Bounds {
  const bound = { ...usual };
  for (const check of checksOf(schema)) {
    const limit = numberIn(check, ['minimum', 'maximum', 'value', 'length']);
    if (limit === undefined) continue;
    if (check.check === lower) bound.least = limit;
    if (check.check === upper) bound.most = limit;
    if (check.check === 'length_equals') Object.assign(bound, { least: limit, most: limit });
  }
  // One of the two alone may lie beyond what is usual for the other.
  return { least: Math.min(bound.least, bound.most), most: Math.max(bound.least, bound.most) };
}

type Check = { check: string } & Partial<Record<string, unknown>> & { pattern?: RegExp };

function checksOf(schema: z.ZodType): Check[] {
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  // A string format is a schema and its own check.
  const own = 'check' in def ? [def as unknown as Check] : [];
  return [...own, ...(def.checks ?? []).map((each) => each._zod.def as unknown as Check)];
}

function numberIn(check: object, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value: unknown = Reflect.get(check, name);
    if (typeof value === 'number') return value;
  }
  return undefined;
}
