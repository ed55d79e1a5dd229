import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { notices, type RequestName, requests, shapes } from '../../../src/protocol/index.ts';
import { fakeCamera, fakeCapabilities, fakeDtlsParameters, fakeMicrophone } from '../../support/fakeMedia.ts';

/** Whatever a client sends, a schema answers quickly, and what passes is small. */

const names = Object.keys(requests) as RequestName[];

/** A right example of each request, to be spoilt. */
const examples: Record<RequestName, object> = {
  join: {
    requestId: 'r',
    recvRtpCapabilities: fakeCapabilities(),
    dtlsParameters: fakeDtlsParameters(),
    view: { videos: [{ publicationId: 'p', width: 1, height: 1 }] },
    metadata: { a: 1 },
  },
  leave: {},
  restartIce: { requestId: 'r', transport: 'send' },
  publish: { ...fakeCamera('r'), metadata: { a: 'b' } },
  restorePublication: {
    requestId: 'r',
    publicationId: 'p',
    rtpParameters: fakeMicrophone('r').rtpParameters,
    muted: true,
    width: 1,
    height: 1,
  },
  unpublish: { requestId: 'r', publicationId: 'p' },
  updatePublication: { requestId: 'r', publicationId: 'p', muted: true, width: 1, height: 1, metadata: {} },
  setView: { version: 1, view: { videos: [{ publicationId: 'p', width: 1, height: 1, priority: 2 }] } },
  startSubscriptions: { subscriptionIds: ['s'] },
  listParticipants: { query: 'ada', after: 'cursor', limit: 50 },
  sendChat: { requestId: 'r', text: 'hello' },
  updateMetadata: { requestId: 'r', metadata: { a: 1 } },
  raiseHand: { requestId: 'r', raised: true },
  moderate: { requestId: 'r', moderation: { action: 'mute', participantId: 'p', source: 'microphone' } },
  listBans: {},
  simulateFault: { requestId: 'r', fault: 'worker-killed' },
};

/** Requests that may be repeated as they are, so that they need no id. */
const idempotent: RequestName[] = ['leave', 'setView', 'startSubscriptions', 'listParticipants', 'listBans'];

test.each(names)('%s takes its example', (name) => {
  expect(requests[name].params.safeParse(examples[name]).error).toBeUndefined();
  expect(requests.publish.params.safeParse(fakeMicrophone('r')).error).toBeUndefined();
});

test.each(names)('%s has an id, or may be repeated as it is', (name) => {
  const hasId = 'requestId' in requests[name].params.shape;
  expect(hasId).toBe(!idempotent.includes(name));
  const { requestId: _, ...without } = { requestId: 'r', ...examples[name] };
  expect(requests[name].params.safeParse(without).success).toBe(!hasId);
});

/** Every place in a value, as the keys that lead to it. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

/** A copy with something else in that place. */
function put(value: unknown, [key, ...rest]: string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy: object = Array.isArray(value) ? [...value] : { ...(value as object) };
  Reflect.set(copy, key, put(Reflect.get(copy, key), rest, replacement));
  return copy;
}

const huge: [what: string, value: unknown][] = [
  ['a text of 60 kB', 'a'.repeat(60_000)],
  ['a list of 10,000', Array.from({ length: 10_000 }, () => ({}))],
  ['a number beyond all', Number.MAX_VALUE],
  ['less than nothing', -1],
  ['a half', 0.5],
  ['not a number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['null', null],
  ['control characters', '\u0000\u001b[2J'],
];
/** Places where some of these are right: free numbers in metadata and codec parameters, null as their value. */
const free = /(^|\.)(metadata|parameters)(\.|$)/;

describe.each(names)('%s', (name) => {
  const { params } = requests[name];

  test.each(huge)('takes %s in no place', (_what, value) => {
    const passed = places(examples[name])
      .filter((path) => !free.test(path.join('.')))
      .filter((path) => params.safeParse(put(examples[name], path, value)).success)
      .map((path) => path.join('.'));
    expect(passed).toEqual([]);
  });

  test('takes 10,000 keys in no place, or drops them', () => {
    const keys = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
    for (const path of places(examples[name])) {
      const { data } = params.safeParse(put(examples[name], path, keys));
      expect(JSON.stringify(data ?? {}), path.join('.')).not.toContain('k9999');
    }
  });

  test('takes no member that is not declared', () => {
    expect(params.safeParse({ ...examples[name], extra: 1 }).success).toBe(false);
  });

  test('answers within a moment to whatever is in whichever place, and never throws', () => {
    const paths = places(examples[name]);
    const wild = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
      fc.string({ unit: 'binary', maxLength: 5000, size: 'max' }),
      fc.constantFrom(...huge.map(([, value]) => value)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), wild, (path, value) => {
        const message = put(examples[name], path, value);
        const start = performance.now();
        const result = params.safeParse(message);
        expect(performance.now() - start).toBeLessThan(1000);
        if (result.success) expect(JSON.stringify(result.data).length).toBeLessThan(64 * 1024);
      }),
      { numRuns: 200 },
    );
  });

  test.each([[undefined], [null], [0], [''], ['join'], [true], [[]], [[{}]]])('does not take %j', (message) => {
    expect(params.safeParse(message).success).toBe(false);
  });
});

test('the largest there may be of everything still is a message of some size', () => {
  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));
  const entry = (index: number) => ({ publicationId: `p${index}`.padEnd(64, 'x'), width: 16_384, height: 16_384 });
  const view = (count: number) => ({ version: 1, view: { videos: many(count, entry) } });
  expect(requests.setView.params.safeParse(view(250)).success).toBe(true);
  expect(requests.setView.params.safeParse(view(251)).success).toBe(false);
  const start = (count: number) => ({ subscriptionIds: many(count, (index) => `s${index}`) });
  expect(requests.startSubscriptions.params.safeParse(start(500)).success).toBe(true);
  expect(requests.startSubscriptions.params.safeParse(start(501)).success).toBe(false);
  const metadata = (count: number) => ({
    requestId: 'r',
    metadata: Object.fromEntries(many(count, (i) => [`k${i}`, 1])),
  });
  expect(requests.updateMetadata.params.safeParse(metadata(32)).success).toBe(true);
  expect(requests.updateMetadata.params.safeParse(metadata(33)).success).toBe(false);
});

test('a view names each publication once', () => {
  const entry = { publicationId: 'p', width: 1, height: 1 };
  expect(requests.setView.params.safeParse({ version: 1, view: { videos: [entry, entry] } }).success).toBe(false);
});

describe('DTLS fingerprints', () => {
  const bytes = (count: number, byte = 'AB') => Array.from({ length: count }, () => byte).join(':');
  const parse = (algorithm: string, value: string) => {
    const dtlsParameters = { fingerprints: [{ algorithm, value }] };
    return requests.join.params.safeParse({ ...examples.join, dtlsParameters }).success;
  };

  test.each([
    ['sha-1', 20],
    ['sha-224', 28],
    ['sha-256', 32],
    ['sha-384', 48],
    ['sha-512', 64],
  ])('%s has %i bytes', (algorithm, count) => {
    expect(parse(algorithm, bytes(count))).toBe(true);
    expect(parse(algorithm, bytes(count, 'ab'))).toBe(true);
    for (const wrong of [0, 1, count - 1, count + 1]) expect(parse(algorithm, bytes(wrong))).toBe(false);
    expect(parse(algorithm, bytes(count, 'G0'))).toBe(false);
    expect(parse(algorithm, bytes(count).replaceAll(':', ''))).toBe(false);
    expect(parse(algorithm, `${bytes(count)}\n`)).toBe(false);
  });

  test('unknown hashes, none at all, and many', () => {
    expect(parse('md5', bytes(16))).toBe(false);
    const { fingerprints } = fakeDtlsParameters();
    const of = (list: object[]) =>
      requests.join.params.safeParse({ ...examples.join, dtlsParameters: { fingerprints: list } });
    expect(of([]).success).toBe(false);
    expect(of(Array(9).fill(fingerprints[0])).success).toBe(false);
  });
});

describe('names', () => {
  test.each(['', ' ', 'a/b', 'a b', '\u00e4', 'a\n', '../etc', 'x'.repeat(65)])('%j is no room and no id', (name) => {
    expect(shapes.roomName.safeParse(name).success).toBe(false);
    expect(shapes.id.safeParse(name).success).toBe(false);
  });

  test.each(['\u0000', '\u001b', '\u0085', '\u202e', '\u2066', '\n', '\ufeff'])(
    '%j is in no display name or identity',
    (sign) => {
      expect(shapes.displayName.safeParse(`a${sign}b`).success).toBe(false);
      expect(shapes.identity.safeParse(`a${sign}b`).success).toBe(false);
    },
  );

  test.each(['Ada', 'Zo\u00eb \u5f20', '\u{1f600}', '\u0645\u0631\u062d\u0628\u0627', '<b>x</b>', 'x'.repeat(64)])(
    '%j is a display name',
    (name) => {
      expect(shapes.displayName.parse(` ${name} `)).toBe(name);
    },
  );

  test('a chat message may have lines, and is not blank', () => {
    expect(shapes.chatText.safeParse('a\n\tb').success).toBe(true);
    for (const text of ['', ' \n', 'a\u202eb', 'a\u0007', 'x'.repeat(4001)]) {
      expect(shapes.chatText.safeParse(text).success).toBe(false);
    }
  });
});

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** What a schema leaves open at the edge: texts and lists without a largest size. */
function unbounded(schema: JsonSchema, path: string): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [], allOf = [] } = schema;
  const parts = [...Object.entries(properties), ['*', additionalProperties] as const];
  for (const list of [items ?? [], anyOf, allOf].flat()) parts.push(['|', list] as const);
  const inner = parts.flatMap(([key, part]) => (typeof part === 'object' ? unbounded(part, `${path}.${key}`) : []));
  return isOpen(schema) ? [path, ...inner] : inner;
}

function isOpen({ type, maxLength, maxItems, pattern, enum: values, const: value }: JsonSchema): boolean {
  if (type === 'array') return maxItems === undefined;
  if (type !== 'string' || maxLength !== undefined || values || value !== undefined) return false;
  // A pattern bounds a text when it holds from end to end and repeats nothing without end.
  return !(pattern && /^\^.*\$$/.test(pattern) && !/[*+]/.test(outside(pattern)));
}

/** A pattern without its character classes, in which * and + are signs like any other. */
function outside(pattern: string): string {
  return pattern.replaceAll(/\[[^\]]*\]/g, '.');
}

test.each(names)('every text and every list of %s has a largest size', (name) => {
  expect(unbounded(z.toJSONSchema(requests[name].params, { io: 'input' }), name)).toEqual([]);
});

test('every request and notice says what it is for, and has shapes', () => {
  for (const { doc } of [...Object.values(requests), ...Object.values(notices)]) expect(doc).toMatch(/^[A-Z].*\.$/);
});
