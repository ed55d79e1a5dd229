import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bodyLimitOf } from '../../../src/http/api/bodyLimit.ts';
import { type ApiOperationName, apiOperations } from '../../../src/protocol/api.ts';
import { type ApiOperation, noBody } from '../../../src/protocol/apiOperation.ts';
import { largestDataBytes } from '../../../src/protocol/index.ts';
import { operationNames, startApi } from '../../support/apiInstance.ts';

/** How large a body may be: as large as its shape takes, and not much larger. */

const maxDataBytes = 64 * 1024;
const json = { 'content-type': 'application/json' };

/** As many programs write it: all that is not ASCII with a backslash. */
function escaped(value: unknown): string {
  const code = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, code);
}

describe('the largest message is taken, however it is written', () => {
  const to = Array.from({ length: 500 }, (_, index) => `${index}`.padStart(128, '\u8a9e'));
  const topic = '\u8a9e'.repeat(128);
  test.each<[string, string, number]>([
    ['in base64', JSON.stringify({ base64: Buffer.alloc(maxDataBytes).toString('base64') }), maxDataBytes],
    ['as text', JSON.stringify({ text: 'x'.repeat(maxDataBytes) }), maxDataBytes],
    ['as text of control characters', JSON.stringify({ text: '\u0001'.repeat(maxDataBytes) }), maxDataBytes],
    ['escaped', escaped({ text: '\u00e9'.repeat(maxDataBytes / 2) }), maxDataBytes / 2],
    ['to many', escaped({ to, topic, text: '\u0001'.repeat(maxDataBytes) }), maxDataBytes],
  ])('%s', async (_what, payload, characters) => {
    const sent: number[] = [];
    const sendData = ({
      body: { text, base64 },
    }: {
      body: { text?: string | undefined; base64?: string | undefined };
    }) => {
      sent.push(text?.length ?? Buffer.from(base64 ?? '', 'base64').byteLength);
      return { recipients: 0 };
    };
    const { ask } = await startApi({ handlers: { sendData } });
    const answer = await ask('POST', '/rooms/daily/data', { headers: json, payload });
    expect([answer.status, answer.body]).toEqual([202, { recipients: 0 }]);
    expect(sent).toEqual([characters]);
  });
});

test('metadata are taken as far as their shape goes, in whatever script', async () => {
  const text = '\u8a9e'.repeat(1024);
  const metadata = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`${index}`.padStart(64, 'k'), text]));
  const updated: unknown[] = [];
  const updateParticipant = ({ body }: { body: { metadata?: unknown } }) => {
    updated.push(body.metadata);
    return expect.unreachable();
  };
  const { ask } = await startApi({ handlers: { updateParticipant } });
  for (const payload of [JSON.stringify({ metadata }), escaped({ metadata })]) {
    await ask('PATCH', '/rooms/daily/participants/p1', { headers: json, payload });
  }
  expect(updated).toEqual([metadata, metadata]);
});

test('what is larger is refused before it is read, with how large it may be', async () => {
  const { ask } = await startApi();
  const tooLarge = async (method: 'POST' | 'PATCH', path: string, bytes: number) =>
    (await ask(method, path, { headers: json, payload: `"${'x'.repeat(bytes - 2)}"` })).body;
  const refusal = (size: string) => ({
    status: 413,
    code: 'message-too-large',
    detail: `the body is larger than ${size}`,
  });
  expect(await tooLarge('POST', '/rooms', 64 * 1024 + 1)).toMatchObject(refusal('64 KiB'));
  expect(await tooLarge('POST', '/rooms', 64 * 1024)).toMatchObject({ code: 'bad-request' });
  expect(await tooLarge('PATCH', '/rooms/daily/participants/p1', 1024 * 1024)).toMatchObject(refusal('268 KiB'));
  expect(await tooLarge('POST', '/rooms/daily/data', 1024 * 1024)).toMatchObject(refusal('823 KiB'));
});

test('it follows --max-data-bytes, up to the largest that option takes', () => {
  const limitOf = (bytes: number) => bodyLimitOf(apiOperations.sendData, { maxDataBytes: bytes });
  expect(limitOf(largestDataBytes) - limitOf(1024)).toBe(6 * (largestDataBytes - 1024));
  expect(limitOf(largestDataBytes)).toBeLessThan(1.6 * 1024 * 1024);
});

const taking = operationNames.filter((name) => apiOperations[name].body !== noBody);

test.each(taking)('%s: there is no body of its shape that is too large', (name: ApiOperationName) => {
  const { body }: ApiOperation = apiOperations[name];
  const most = mostBytes(z.toJSONSchema(body, { io: 'input' }));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(bodyLimitOf(apiOperations[name], { maxDataBytes }));
});

/** Bytes of the largest JSON of that shape, without spaces and each character as `\u0000`. */
function mostBytes(schema: z.core.JSONSchema.JSONSchema): number {
  const { type, anyOf, enum: values, const: value, properties = {}, items, maxItems, maxProperties } = schema;
  const of = (part: unknown) => mostBytes(z.record(z.string(), z.unknown()).parse(part));
  if (anyOf) return Math.max(...anyOf.map(of));
  if (value !== undefined || values)
    return Math.max(...[value, values].flat().map((each) => escaped(each ?? '').length));
  if (type === 'object') {
    const named = Object.entries(properties).map(([name, part]) => name.length + 4 + of(part));
    const { additionalProperties: others, propertyNames } = schema;
    const other = typeof others === 'object' ? of(propertyNames) + of(others) + 2 : 0;
    return (
      2 + named.reduce((sum, each) => sum + each, 0) + (other && other * (maxProperties ?? Number.POSITIVE_INFINITY))
    );
  }
  if (type === 'array') return 2 + (of(items) + 1) * (maxItems ?? Number.POSITIVE_INFINITY);
  if (type === 'string') return 2 + 6 * charactersOf(schema);
  return 32;
}

/** What is sent as data has its bound in an option; it comes in one of two ways, of which base64 takes less. */
function charactersOf({ maxLength, pattern, contentEncoding, description }: z.core.JSONSchema.JSONSchema): number {
  if (contentEncoding === 'base64') return 0;
  if (description === 'The bytes, as UTF-8.') return maxDataBytes;
  const [, most] = /\{1,(\d+)\}\$$/.exec(pattern ?? '') ?? [];
  return maxLength ?? Number(most ?? Number.POSITIVE_INFINITY);
}
