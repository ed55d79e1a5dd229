import fc from 'fast-check';
import type { z } from 'zod';
import { shapes } from '../../../src/protocol/index.ts';
import { fromSchema, type Path } from './fromSchema.ts';
import { jsonOf, type Names, reference } from './placeholders.ts';
import { specials } from './specials.ts';

/** Params of a request in which one field names something. */
export interface Naming {
  /** Dotted, without the places in lists. */
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
  return idFields(params).map((field) => {
    const special = (schema: unknown, path: Path) =>
      path.join('.') === field && isId(schema, path) ? fc.constant(here) : specials(schema, path);
    const made = fc.sample(fromSchema(params, special), { numRuns: samples, seed });
    const named = made.find((sample) => {
      const text = jsonOf(sample, namesFor('x'));
      return JSON.stringify(sample).includes(here) && params.safeParse(JSON.parse(text)).success;
    });
    if (!named) throw new Error(`no params were made that have ${field}`);
    return { field, json: (id) => jsonOf(named, namesFor(id)) };
  });
}

/** The dotted paths of all ids in a schema but the id of the request itself. */
export function idFields(params: z.ZodType): string[] {
  const found = new Set<string>();
  fromSchema(params, (schema, path) => {
    if (isId(schema, path)) found.add(path.join('.'));
    return undefined;
  });
  return [...found];
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
