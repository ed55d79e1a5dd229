import { expect, test } from 'vitest';
import { z } from 'zod';
import { createApiToken } from '../../src/auth/index.ts';
import { type ApiOperationName, apiOperations, apiPrefix } from '../../src/protocol/api.ts';
import { type ApiOperation, noBody } from '../../src/protocol/apiOperation.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { wideLimits } from '../support/wideLimits.ts';
import { namings } from './generate/idFields.ts';
import { Known } from './world/Known.ts';

/** Two rooms of two applications: by the API, too, what is in one does not exist in the other. */

const stage = setStage({ config: wideLimits });
const all = { rooms: 'write', participants: 'write', data: 'write', stats: 'read' } as const;
const shape = z.object({ params: z.record(z.string(), z.unknown()), body: z.unknown().optional() });

/** Of an operation: each of its ids, with a request around it. */
function namingsOf({ params, body }: ApiOperation) {
  return namings(z.object({ params, ...(body !== noBody && { body }) }), 1);
}

const operations = (Object.keys(apiOperations) as ApiOperationName[]).filter(
  (name) => namingsOf(apiOperations[name]).length > 0,
);

async function ask(token: string, { method, path }: ApiOperation, params: Record<string, unknown>, body?: unknown) {
  const address = path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])));
  const response = await fetch(`${stage.server.url}${apiPrefix}${address}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** A room with two people, and all ids that they have heard. */
async function furnished(room: string) {
  const people = [await stage.joined(room, `${room}-ada`), await stage.joined(room, `${room}-bob`)];
  const known = new Known();
  for (const person of people) {
    await person.request('publish', fakeMicrophone(newRequestId()));
    known.hear(person.answer);
  }
  for (const person of people) {
    await person.next('subscriptionsAdded');
    known.hear(person.notices.map(({ payload }) => payload));
  }
  return { ids: [...new Set(known.all)], people };
}

test('there are operations with ids, and ids to try', async () => {
  expect(operations.length).toBeGreaterThan(5);
  expect((await furnished('many')).ids.length).toBeGreaterThan(5);
});

test.each(operations)('%s: an id of another room is answered as one that does not exist', async (name) => {
  const operation = apiOperations[name];
  const { ids, people } = await furnished('theirs');
  await furnished('ours');
  const before = people.map(({ notices }) => notices.length);
  const token = await createApiToken(testSecret, { subject: 'us', grants: { ...all, onlyRooms: ['ours'] } });
  for (const { field, json } of namingsOf(operation)) {
    for (const [index, id] of ids.entries()) {
      const unknown = `${'n'.repeat(Math.max(1, id.length - 4))}${String(index).padStart(4, '0')}`.slice(0, 64);
      const [foreign, absent] = await Promise.all(
        [id, unknown].map(async (each) => {
          const { params, body } = shape.parse(JSON.parse(json(each)));
          const { status, text } = await ask(token, operation, { ...params, room: 'ours' }, body);
          return { status, text: text.replaceAll(each, 'THE ID') };
        }),
      );
      expect(foreign, `${name}: ${field}, where ${id} is one of another room`).toEqual(absent);
    }
  }
  const heard = people.map(({ notices }, index) => notices.slice(before[index]).map((notice) => notice.name));
  expect(heard.flat().filter((each) => each === 'removed' || each === 'muted' || each === 'chat')).toEqual([]);
});

test('whoever is confined to a room is not told whether there is another one', async () => {
  await furnished('theirs');
  const token = await createApiToken(testSecret, { subject: 'us', grants: { ...all, onlyRooms: ['ours'] } });
  for (const name of Object.keys(apiOperations) as ApiOperationName[]) {
    const operation: ApiOperation = apiOperations[name];
    if (!operation.path.includes(':room')) continue;
    const [there, nowhere] = await Promise.all(
      ['theirs', 'nowhere'].map((room) => ask(token, operation, { room, participantId: 'x', publicationId: 'x' })),
    );
    expect(there, name).toEqual(nowhere);
    expect(there?.status, name).toBe(403);
  }
});
