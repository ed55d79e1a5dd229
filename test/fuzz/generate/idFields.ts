import fc from 'fast-check';
import { z } from 'zod';
import { shapes } from '../../../src/protocol/index.ts';
import { fromSchema, type Path, type Special } from './fromSchema.ts';
import { jsonOf, type Names, reference } from './placeholders.ts';
import { specials } from './specials.ts';

/** Params of a request in which one field names something. */
export interface Naming {
  /** Dotted, without the places in lists; with what is done, where a request does one of several things. */
  field: string;
  /** The params with that id in the field, and another request id each time. */
  json(id: string): string;
}

const here = reference('foreign', 0);
/** As many are tried until one has the field, which may be optional or in a list that may be empty. */
const samples = 300;
let lastRequest = 0;

/** All fields of a request that hold an id of something, found by walking its schema; each with params around it. */
export function namings(params: z.ZodType, seed: number): Naming[] {
  return variantsOf(params).flatMap(({ name, choose }) =>
    idFields(params, choose).map((field) => {
      const special: Special = (schema, path) =>
        choose(schema, path, special) ??
        (path.join('.') === field && isId(schema, path) ? fc.constant(here) : specials(schema, path));
      const made = fc.sample(fromSchema(params, special), { numRuns: samples, seed });
      const named = made.find((sample) => {
        const text = jsonOf(sample, namesFor('x'));
        return JSON.stringify(sample).includes(here) && params.safeParse(JSON.parse(text)).success;
      });
      if (!named) throw new Error(`no params were made that have ${field}${name}`);
      return { field: `${field}${name}`, json: (id: string) => jsonOf(named, namesFor(id)) };
    }),
  );
}

/** The dotted paths of all ids in a schema but the id of the request itself. */
export function idFields(params: z.ZodType, choose: Choose = anyOf): string[] {
  const found = new Set<string>();
  const look: Special = (schema, path) => {
    if (isId(schema, path)) found.add(path.join('.'));
    return choose(schema, path, look);
  };
  fromSchema(params, look);
  return [...found];
}

/** Where a schema leaves the choice: what is made there. */
type Choose = (schema: unknown, path: Path, special: Special) => fc.Arbitrary<unknown> | undefined;
const anyOf: Choose = () => undefined;

/** Of a request that does one of several things (`moderate`), each of those in which something is named. */
function variantsOf(params: z.ZodType): { name: string; choose: Choose }[] {
  const unions = new Set<z.core.$ZodUnion>();
  fromSchema(params, (schema) => {
    if (isUnion(schema)) unions.add(schema);
    return undefined;
  });
  const variants = [...unions].flatMap((union) =>
    union._zod.def.options
      .map((option) => option as z.ZodType)
      .filter((option) => idFields(option).length > 0)
      .map((option) => ({
        name: ` of ${literalIn(option)}`,
        choose: (schema: unknown, path: Path, special: Special) =>
          schema === union ? fromSchema(option, special, path) : undefined,
      })),
  );
  return variants.length > 0 ? variants : [{ name: '', choose: anyOf }];
}

function isUnion(schema: unknown): schema is z.core.$ZodUnion {
  return Reflect.get(Object(Reflect.get(Object(schema), 'def')), 'type') === 'union';
}

/** The text by which one thing is told from the others. */
function literalIn(option: z.ZodType): string {
  const shape = Object(Reflect.get(option.def, 'shape'));
  const literal = Object.values(shape).find((field) => field instanceof z.ZodLiteral);
  return literal instanceof z.ZodLiteral ? String(literal.value) : option.def.type;
}

function isId(schema: unknown, path: Path): boolean {
  const field = path.at(-1) ?? '';
  if (field === '' || field === 'requestId') return false;
  return schema === shapes.id || schema === shapes.identity;
}

function namesFor(id: string): Names {
  lastRequest += 1;
  const request = lastRequest;
  return {
    name: (kind, index) => (kind === 'foreign' ? id : kind === 'fresh' ? `q${request}` : `none-${kind}-${index}`),
    freshNumber: () => 1000 + request,
  };
}
