/** One change of a JSON value at one place. */
export interface Mutation {
  /** For messages of failing tests: where, and what stands there now. */
  what: string;
  value: unknown;
}

export type Path = readonly (string | number)[];

/** Every place in a JSON value, the value itself first. */
export function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, item]) => places(item, [...path, key]))];
}

export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value);
}

export function put(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const copy: object = Array.isArray(value) ? [...value] : { ...Object(value) };
  Reflect.set(copy, key, put(Reflect.get(copy, key), rest, replacement));
  return copy;
}

export function without(value: unknown, path: Path): unknown {
  const parent = path.slice(0, -1);
  const key = path.at(-1);
  if (key === undefined) return undefined;
  const holder = at(value, parent);
  const rest = Array.isArray(holder)
    ? holder.filter((_, index) => index !== key)
    : Object.fromEntries(Object.entries(Object(holder)).filter(([name]) => name !== key));
  return put(value, parent, rest);
}

/**
 * The value with each of its places changed in every way that somebody may think of: left out, replaced by each of
 * `replacements`, lists doubled and emptied, objects with a key too many.
 */
export function mutations(value: unknown, replacements: readonly unknown[]): Mutation[] {
  return places(value).flatMap((path) => {
    const where = path.join('.') || 'params';
    const here = at(value, path);
    const all: Mutation[] = replacements.map((replacement) => ({
      what: `${where} = ${shorten(replacement)}`,
      value: put(value, path, replacement),
    }));
    if (path.length > 0) all.push({ what: `${where} left out`, value: without(value, path) });
    if (Array.isArray(here)) {
      all.push({ what: `${where} doubled`, value: put(value, path, [...here, ...here]) });
      all.push({ what: `${where} backwards`, value: put(value, path, here.toReversed()) });
      all.push({ what: `${where} thousands`, value: put(value, path, Array(3000).fill(here[0] ?? 0)) });
    } else if (typeof here === 'object' && here !== null) {
      all.push({ what: `${where} with a key too many`, value: put(value, path, { ...here, surplus: 1 }) });
    }
    return all;
  });
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
