import fc from 'fast-check';
import { type ApiOperationName, apiOperations, apiPrefix } from '../../../src/protocol/api.ts';
import { type ApiOperation, noBody } from '../../../src/protocol/apiOperation.ts';
import { fromSchema } from './fromSchema.ts';
import { nearly } from './mutate.ts';
import { oddities } from './oddities.ts';
import { jsonOf, type Names } from './placeholders.ts';
import { seldom } from './seldom.ts';
import { specials } from './specials.ts';

/** Who asks: with all rights, with the right to read, with a token that is none, with one for rooms, with none at all. */
export const askers = ['everything', 'reader', 'wrong', 'participant', 'nobody'] as const;
export type Asker = (typeof askers)[number];

/** A request of the API for the application's server, with placeholders (placeholders.ts). */
export interface ApiRequest {
  operation: ApiOperationName;
  asker: Asker;
  /** Which of the wrong tokens, by any number. */
  pick: number;
  key: string | undefined;
  params: unknown;
  query: unknown;
  body: unknown;
}

/** Everything after one of these is refused for its not being there; once in a while is enough. */
const weights: Partial<Record<ApiOperationName, number>> = { endRoom: 1 };

/** All operations of the API with what their schemas take, with nearly that, and with anything. */
export const apiRequests: fc.Arbitrary<ApiRequest> = fc.oneof(
  ...(Object.keys(apiOperations) as ApiOperationName[]).map((operation) => ({
    weight: weights[operation] ?? 10,
    arbitrary: requestsOf(operation, apiOperations[operation]),
  })),
);

function requestsOf(operation: ApiOperationName, { params, query, body }: ApiOperation): fc.Arbitrary<ApiRequest> {
  const valid = fc.record({
    params: fromSchema(params, specials),
    query: fromSchema(query, specials),
    body: body === noBody ? fc.constant(undefined) : fromSchema(body, specials),
  });
  const odd = fc.constantFrom(...oddities);
  const parts = fc.oneof(
    { weight: 4, arbitrary: valid },
    { weight: 4, arbitrary: nearly(valid) },
    { weight: 1, arbitrary: fc.tuple(valid, odd).map(([made, body]) => ({ ...made, body })) },
    { weight: 1, arbitrary: fc.tuple(valid, odd).map(([made, query]) => ({ ...made, query: { after: query } })) },
  );
  return fc
    .record({
      parts,
      asker: fc.oneof(
        { weight: 12, arbitrary: fc.constant<Asker>('everything') },
        ...askers.slice(1).map((asker) => ({ weight: 1, arbitrary: fc.constant(asker) })),
      ),
      pick: fc.nat(10_000),
      key: seldom(fc.constantFrom('k1', 'k2', '"k3"', '"', '', 'é', 'x'.repeat(300))),
    })
    .map(({ parts: made, ...rest }) => {
      const { params: names, query: asked, body: sent } = Object(made);
      return { operation, ...rest, params: names, query: asked, body: sent };
    });
}

/** The request as it goes over the wire, to be answered by one server after the other. */
export function writeApiRequest(request: ApiRequest, token: string | undefined, names: Names): string {
  const { method, path }: ApiOperation = apiOperations[request.operation];
  const body = request.body === undefined ? '' : jsonOf(request.body, names);
  const params = filled(request.params, names);
  const address = path.replaceAll(/:(\w+)/g, (_all, name: string) => inAddress(Reflect.get(params, name)));
  const query = Object.entries(filled(request.query, names)).map(
    ([name, value]) => `${inAddress(name)}=${inAddress(value)}`,
  );
  const head = [
    `${method} ${apiPrefix}${address}${query.length > 0 ? `?${query.join('&')}` : ''} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(request.key === undefined ? [] : [`Idempotency-Key: ${request.key}`]),
    ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function filled(value: unknown, names: Names): object {
  return Object(JSON.parse(jsonOf(value, names)));
}

function inAddress(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}
