import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ApiOperationName, apiOperations, isWrite } from '../../protocol/api.ts';
import { type ApiOperation, noAnswer, noBody } from '../../protocol/apiOperation.ts';
import { type ErrorCode, errorCodes } from '../../protocol/index.ts';
import { problem, statusOfCode } from '../../protocol/problems.ts';
import { kibOf } from '../problems.ts';

const intro = `What the application's own server does with rooms and those who are in them. It is authorised by an API token
(\`createApiToken()\` of \`plenum/server\`, or \`npm run token -- --api\`), whose rights each operation names. Whatever is done here is
done in the name of the token's subject.

Errors are problem details (RFC 9457). Writes take an \`Idempotency-Key\`: asked again with the same key, the same request is
answered in the same way without being done again, for 24 hours, until the server is restarted or the application has made 20,000
others (or 16 MiB of answers); with other content it is refused (422), and while the first one is still being worked on as well (409).
Where too much is asked, \`Retry-After\` says when to go on (429): each operation has a weight, which counts against
\`--limit-api\`.`;

/** What every operation may refuse. */
const always: readonly ErrorCode[] = ['bad-request', 'unauthorized', 'forbidden', 'rate-limited', 'internal'];
const ofWrites: readonly ErrorCode[] = [
  'message-too-large',
  'unsupported-media-type',
  'idempotency-mismatch',
  'idempotency-in-progress',
];

/**
 * What the OpenAPI document says of an operation, besides the shapes of its request.
 *
 * @param bodyLimit in bytes
 */
export function describe(name: ApiOperationName, bodyLimit: number): FastifySchema {
  const { summary, doc, right, weight, body, answer, status, errors, path }: ApiOperation = apiOperations[name];
  const needs = `Needs the right \`${right.area}: ${right.access}\`. Weight: ${weight}.`;
  const codes = [...always, ...(isWrite(name) ? ofWrites : []), ...errors];
  return {
    operationId: name,
    summary,
    description: [doc, body !== noBody && `The body may have ${kibOf(bodyLimit)}.`, needs].filter(Boolean).join('\n\n'),
    tags: [tagOf(path)],
    security: [{ apiToken: [] }],
    ...(isWrite(name) && { headers: keyHeader }),
    response: {
      [status]:
        answer === noAnswer
          ? noAnswer.describe('Done.')
          : { description: 'Done.', content: { 'application/json': { schema: answer } } },
      ...Object.fromEntries(
        Object.entries(Object.groupBy(codes, statusOfCode)).map(([each, those = []]) => [each, refusal(those)]),
      ),
    },
  };
}

const keyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('1 to 255 visible ASCII characters, with or without quotation marks.'),
});

function refusal(codes: readonly ErrorCode[]) {
  const description = [...new Set(codes)].map((code) => `\`${code}\`: ${errorCodes[code]}.`).join(' ');
  return { description, content: { 'application/problem+json': { schema: problem } } };
}

function tagOf(path: string): string {
  const [, , , below] = path.split('/');
  return below ?? 'rooms';
}

/** Before the routes: each is put into the document as it is registered. */
export async function documentRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Plenum', version, description: intro, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      components: { securitySchemes: { apiToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
}

type Document = ReturnType<SwaggerTransformObject>;

/** Each shape is there as it is sent and as it is taken; some are only sent. */
function withoutUnused(document: Document): Document {
  const schemas: Record<string, unknown> = ('components' in document && document.components?.schemas) || {};
  const isUsed = (name: string) => {
    const { [name]: _itself, ...others } = schemas;
    return JSON.stringify([document.paths, others]).includes(`"#/components/schemas/${name}"`);
  };
  // What goes may have been the last to use another.
  for (let unused = Object.keys(schemas); unused.length > 0; ) {
    unused = Object.keys(schemas).filter((name) => !isUsed(name));
    for (const name of unused) delete schemas[name];
  }
  return document;
}
