import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import type { z } from 'zod';
import { apiOperations, apiPrefix } from '../../src/protocol/api.ts';
import type { ApiOperation } from '../../src/protocol/apiOperation.ts';
import { clientFrames, serverFrames } from '../../src/protocol/data.ts';
import { errorCodes } from '../../src/protocol/errors.ts';
import { notices } from '../../src/protocol/notices.ts';
import { requests } from '../../src/protocol/requests.ts';
import { webhookEvents } from '../../src/protocol/webhooks.ts';
import { expectGenerated, table } from '../support/generated.ts';

const readme = fileURLToPath(new URL('../../src/README.md', import.meta.url));

/** Names of an object's fields; optional ones and those with a default get a question mark. */
function fields(schema: z.ZodType): string {
  if (!('shape' in schema.def)) return '';
  const shape = schema.def.shape as Record<string, z.ZodType>;
  const names = Object.entries(shape).map(([name, field]) => `${name}${field.isOptional() ? '?' : ''}`);
  return names.map((name) => `\`${name}\``).join(', ');
}

function messages(): string {
  const requestRows = Object.entries(requests).map(([name, { doc, allowed, right, params, result }]) => [
    `\`${name}\``,
    allowed,
    right,
    fields(params),
    fields(result),
    doc,
  ]);
  const noticeRows = Object.entries(notices).map(([name, { doc, payload }]) => [`\`${name}\``, fields(payload), doc]);
  const frameRows = Object.entries({ 'client to server': clientFrames, 'server to client': serverFrames }).flatMap(
    ([direction, frames]) =>
      Object.entries(frames).map(([name, { code, header, doc }]) => [
        `\`${name}\``,
        direction,
        `${code}`,
        fields(header),
        doc,
      ]),
  );
  const webhookRows = Object.entries(webhookEvents).map(([type, { doc, data }]) => [`\`${type}\``, fields(data), doc]);
  const operationRows = Object.entries<ApiOperation>(apiOperations).map(
    ([name, { method, path, right, weight, summary }]) => [
      `\`${name}\``,
      `\`${method} ${path}\``,
      `${right.area}: ${right.access}`,
      `${weight}`,
      summary,
    ],
  );
  const errorRows = Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]);
  return [
    '### Requests: client to server, acked with `{ ok: true, data }` or `{ ok: false, error: { code, message } }`',
    table(['request', 'when', 'right', 'params', 'result', 'what it does'], requestRows),
    '### Notices: server to client',
    table(['notice', 'payload', 'what it says'], noticeRows),
    '### Frames on the data channels',
    table(['frame', 'direction', 'code', 'header', 'what it says'], frameRows),
    '### Webhooks: `{ id, type, timestamp, data }`',
    table(['type', 'data', 'what it says'], webhookRows),
    `### API for the application's server: below \`${apiPrefix}\``,
    table(['operation', 'address', 'right', 'weight', 'what it does'], operationRows),
    '### Error codes',
    table(['code', 'meaning'], errorRows),
  ].join('\n\n');
}

test('the tables in src/README.md are those of src/protocol', async () => {
  await expectGenerated(readme, 'generated', messages());
});
