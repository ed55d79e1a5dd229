import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { serveApi } from '../../../src/http/api/index.ts';
import { createInstance } from '../../../src/http/refusals.ts';
import { type ApiOperationName, apiOperations, isWrite } from '../../../src/protocol/api.ts';
import { type ApiOperation, noAnswer, noBody } from '../../../src/protocol/apiOperation.ts';
import { trustOf } from '../../../src/proxies.ts';
import { fakeApi } from '../../support/fakeApi.ts';

/** The OpenAPI document: valid (https://spec.openapis.org/oas/v3.1.0), and of the same routes as the server. */

const log = pino({ level: 'silent' });
const app = createInstance(log);

/** JSON Schema 2020-12, as far as the document uses it; a keyword that is not here is a slip. */
const schema: z.ZodType<object> = z.lazy(() =>
  z.strictObject({
    $ref: z
      .string()
      .regex(/^#\/components\/schemas\/\w+$/)
      .optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    description: z.string().optional(),
    ...{ default: z.unknown().optional(), const: z.unknown().optional(), enum: z.array(z.unknown()).optional() },
    ...{ properties: z.record(z.string(), schema).optional(), required: z.array(z.string()).optional() },
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    ...{ propertyNames: schema.optional(), items: schema.optional() },
    ...{ anyOf: z.array(schema).optional(), oneOf: z.array(schema).optional(), allOf: z.array(schema).optional() },
    ...{ minimum: z.number().optional(), maximum: z.number().optional(), exclusiveMinimum: z.number().optional() },
    ...{ minLength: z.int().optional(), maxLength: z.int().optional(), pattern: z.string().optional() },
    ...{ minItems: z.int().optional(), maxItems: z.int().optional(), maxProperties: z.int().optional() },
    format: z.string().optional(),
    contentEncoding: z.string().optional(),
  }),
);
const content = z.record(z.string().regex(/^application\/(problem\+)?json$/), z.strictObject({ schema }));
const operation = z.strictObject({
  operationId: z.string(),
  ...{ summary: z.string(), description: z.string(), tags: z.array(z.string()).length(1) },
  security: z.tuple([z.strictObject({ apiToken: z.tuple([]) })]),
  parameters: z
    .array(
      z.strictObject({
        ...{ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean(), schema },
        description: z.string().optional(),
      }),
    )
    .optional(),
  requestBody: z.strictObject({ content, required: z.boolean().optional() }).optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});
const document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    ...{ title: z.string(), version: z.literal('9.8.7'), description: z.string() },
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  components: z.strictObject({
    securitySchemes: z.strictObject({
      apiToken: z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer'), bearerFormat: z.string() }),
    }),
    schemas: z.record(z.string(), schema),
  }),
  paths: z.record(
    z.string().startsWith('/api/v1/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
});

let text: string;
let parsed: z.output<typeof document>;
beforeAll(async () => {
  await serveApi(app, { service: fakeApi(), trust: trustOf([]), version: '9.8.7', log });
  await app.ready();
  text = (await app.inject('/api/v1/openapi.json')).body;
  parsed = document.parse(JSON.parse(text));
});
afterAll(() => app.close());

const told = (name: ApiOperationName) => {
  const { path, method }: ApiOperation = apiOperations[name];
  const address = `/api/v1${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`;
  const key = method.toLowerCase() as 'get';
  return parsed.paths[address]?.[key];
};

test('it names every operation once, and nothing else', () => {
  const ids = Object.values(parsed.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(ids.toSorted()).toEqual(Object.keys(apiOperations).toSorted());
});

test('what it refers to is there, and all that is there is referred to', () => {
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  expect([...used].toSorted()).toEqual(Object.keys(parsed.components.schemas).toSorted());
});

describe.each(Object.keys(apiOperations) as ApiOperationName[])('%s', (name) => {
  const declared: ApiOperation = apiOperations[name];

  test('has its parameters, its body, its answer and its refusals', () => {
    const it = told(name);
    expect(declared.weight).toBeGreaterThanOrEqual(1);
    expect(it?.description).toContain(`Weight: ${declared.weight}.`);
    const named = (where: string) =>
      (it?.parameters ?? []).filter((each) => each.in === where).map((each) => each.name);
    expect(named('path').toSorted()).toEqual(Object.keys(declared.params.shape).toSorted());
    expect(named('query').toSorted()).toEqual(Object.keys(declared.query.shape).toSorted());
    expect(named('header')).toEqual(isWrite(name) ? ['idempotency-key'] : []);
    expect(it?.requestBody !== undefined).toBe(declared.body !== noBody);
    expect(/The body may have \d+ KiB\./.test(it?.description ?? '')).toBe(declared.body !== noBody);
    const answer = it?.responses[declared.status];
    expect(answer?.content !== undefined).toBe(declared.answer !== noAnswer);
    for (const [status, { content: given }] of Object.entries(it?.responses ?? {})) {
      if (Number(status) >= 400) expect(Object.keys(given ?? {})).toEqual(['application/problem+json']);
    }
    expect(Object.keys(it?.responses ?? {})).toEqual(expect.arrayContaining(['400', '401', '403', '429']));
  });
});
