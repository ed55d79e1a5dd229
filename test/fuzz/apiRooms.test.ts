import { expect, test } from 'vitest';
import { z } from 'zod';
import { createApiToken } from '../../src/auth/index.ts';
import { type ApiOperationName, apiOperations, apiPrefix } from '../../src/protocol/api.ts';
import { type ApiOperation, noBody } from '../../src/protocol/apiOperation.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { wideLimits } from '../support/wideLimits.ts';
import { namings } from './generate/idFields.ts';
import { FullRoom } from './world/FullRoom.ts';

/** Two rooms of two applications: by the API, too, what is in one does not exist in the other. */

const stage = setStage({ config: wideLimits });
const all = { rooms: 'write', participants: 'write', data: 'write', stats: 'read' } as const;
const query = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const shape = z.object({ params: z.record(z.string(), z.unknown()), query, body: z.unknown().optional() });
type Asked = Pick<z.output<typeof shape>, 'params'> & Partial<z.output<typeof shape>>;

/** Of an operation: each of its ids, with a request around it. */
function namingsOf({ params, query, body }: ApiOperation) {
  return namings(z.object({ params, query, ...(body !== noBody && { body }) }), 1);
}

const operations = (Object.keys(apiOperations) as ApiOperationName[]).filter(
  (name) => namingsOf(apiOperations[name]).length > 0,
);

async function ask(token: string, { method, path }: ApiOperation, { params, query = {}, body }: Asked) {
  const address = path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])));
  const response = await fetch(`${stage.server.url}${apiPrefix}${address}?${new URLSearchParams(query)}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

test('there are operations with ids, and ids to try', async () => {
  expect(operations.length).toBeGreaterThan(5);
  expect(operations, 'in the query').toContain('liftBan');
  const { ids, known } = await FullRoom.open(stage, 'theirs');
  expect(ids.length).toBeGreaterThan(10);
  for (const kind of ['knock', 'banned']) expect(known.of(kind), kind).toHaveLength(1);
});

test.each(operations)('%s: an id of another room is answered as one that does not exist', async (name) => {
  const operation = apiOperations[name];
  const theirs = await FullRoom.open(stage, 'theirs');
  const { ids } = theirs;
  await FullRoom.open(stage, 'ours');
  const token = await createApiToken(testSecret, { subject: 'us', grants: { ...all, onlyRooms: ['ours'] } });
  for (const { field, json } of namingsOf(operation)) {
    for (const [index, id] of ids.entries()) {
      const unknown = `${'n'.repeat(Math.max(1, id.length - 4))}${String(index).padStart(4, '0')}`.slice(0, 64);
      const [foreign, absent] = await Promise.all(
        [id, unknown].map(async (each) => {
          const asked = shape.parse(JSON.parse(json(each)));
          const { status, text } = await ask(token, operation, { ...asked, params: { ...asked.params, room: 'ours' } });
          return { status, text: text.replaceAll(each, 'THE ID') };
        }),
      );
      expect(foreign, `${name}: ${field}, where ${id} is one of another room`).toEqual(absent);
    }
  }
  await theirs.expectUntouched();
});

test('whoever is confined to a room is not told whether there is another one', async () => {
  await stage.joined('theirs', 'ada');
  const token = await createApiToken(testSecret, { subject: 'us', grants: { ...all, onlyRooms: ['ours'] } });
  for (const name of Object.keys(apiOperations) as ApiOperationName[]) {
    const operation: ApiOperation = apiOperations[name];
    if (!operation.path.includes(':room')) continue;
    const [there, nowhere] = await Promise.all(
      ['theirs', 'nowhere'].map((room) =>
        ask(token, operation, { params: { room, participantId: 'x', publicationId: 'x' } }),
      ),
    );
    expect(there, name).toEqual(nowhere);
    expect(there?.status, name).toBe(403);
  }
});
