import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { apiOperations, isWrite } from '../../../src/protocol/api.ts';
import type { ApiOperation } from '../../../src/protocol/apiOperation.ts';
import type { ApiRoom } from '../../../src/protocol/apiRooms.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { addressOf, operationNames, startApi } from '../../support/apiInstance.ts';
import { waitFor } from '../../support/waitFor.ts';

/** What changes something by the API: it is done once, and written down. */

describe('idempotency keys', () => {
  const room: ApiRoom = {
    ...{ name: 'daily', sessionId: 's', createdAt: 1, participants: 0, publications: 0 },
    spotlight: [],
    settings: { locked: false, lobby: false, screenShare: 'everybody', startMuted: false },
  };
  const withKey = (key: string, payload: object = { name: 'daily' }) => ({
    headers: { 'idempotency-key': key },
    payload,
  });

  async function counting() {
    let done = 0;
    const createRoom = () => {
      done += 1;
      if (done > 1) throw new PlenumError('conflict', 'there is a room of that name already');
      return room;
    };
    return { ...(await startApi({ handlers: { createRoom } })), done: () => done };
  }

  test('the same request gets the same answer, with status and headers, and is done and written down once', async () => {
    const { ask, done, told } = await counting();
    const first = await ask('POST', '/rooms', withKey('"key-1"'));
    expect([first.status, first.body, first.headers.location]).toEqual([201, room, '/api/v1/rooms/daily']);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    // With or without quotation marks, and however the JSON is written.
    const again = await ask('POST', '/rooms', withKey('key-1', { settings: {}, name: 'daily' }));
    expect([again.status, again.body, again.headers.location]).toEqual([201, room, '/api/v1/rooms/daily']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(done()).toBe(1);
    expect(told).toHaveLength(1);
  });

  test('an answer is not for another token of the application that reaches less', async () => {
    const { ask, done, confine } = await counting();
    await ask('POST', '/rooms', withKey('key-1'));
    confine({ rooms: 'write', onlyRooms: ['weekly'] });
    const again = await ask('POST', '/rooms', withKey('key-1'));
    expect([again.status, again.body.code]).toEqual([403, 'forbidden']);
    expect(done()).toBe(1);
  });

  test('another request with the key is refused, another key is another request', async () => {
    const { ask, done } = await counting();
    await ask('POST', '/rooms', withKey('key-1'));
    const other = await ask('POST', '/rooms', withKey('key-1', { name: 'weekly' }));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-mismatch']);
    expect((await ask('POST', '/rooms', withKey('key-2'))).status).toBe(409);
    // A refusal is an answer as well.
    const again = await ask('POST', '/rooms', withKey('key-2'));
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([409, 'true']);
    expect(done()).toBe(2);
  });

  test('two at the same time are done once', async () => {
    const going = Promise.withResolvers<void>();
    let done = 0;
    const { ask } = await startApi({
      handlers: {
        endRoom: async () => {
          done += 1;
          await going.promise;
          return undefined;
        },
      },
    });
    const headers = { 'idempotency-key': 'end-1' };
    const first = ask('DELETE', '/rooms/x', { headers });
    const second = await ask('DELETE', '/rooms/x', { headers });
    expect([second.status, second.body.code, second.headers['retry-after']]).toEqual([
      409,
      'idempotency-in-progress',
      '1',
    ]);
    going.resolve();
    expect((await first).status).toBe(204);
    expect((await ask('DELETE', '/rooms/x', { headers })).status).toBe(204);
    expect(done).toBe(1);
  });

  test.each(['', '""', 'a b', '"a', 'ä', 'x'.repeat(256)])('%j is no key', async (key) => {
    const { ask } = await counting();
    expect((await ask('POST', '/rooms', withKey(key))).body.code).toBe('bad-request');
  });
});

test('what cannot be read anywhere has no location', async () => {
  const { ask } = await startApi({ handlers: { sendChat: () => ({ chatId: 'c1', sentAt: 1 }) } });
  const said = await ask('POST', '/rooms/daily/chat', { payload: { text: 'hello' } });
  expect([said.status, said.headers.location]).toEqual([201, undefined]);
});

describe('the audit log', () => {
  test('has a line of each write, done or refused, and none of what is only read', async () => {
    const { ask, told } = await startApi({ handlers: { removeParticipant: async () => undefined } });
    await ask('DELETE', '/rooms/daily/participants/p1?ban=true');
    await ask('PATCH', '/rooms/daily', { payload: { settings: { locked: 1 } } });
    await ask('POST', '/rooms/daily/chat', { payload: { text: 'what they say' } });
    await ask('GET', '/rooms');
    await ask('DELETE', '/rooms/daily', { headers: { authorization: 'Bearer bad' } });
    const by = { actor: { kind: 'application', name: 'crm' }, address: '127.0.0.1', room: 'daily' };
    expect(told).toEqual([
      {
        ...by,
        action: 'removeParticipant',
        params: { participantId: 'p1', ban: true },
        target: 'p1 in daily',
        outcome: 'done',
      },
      { ...by, action: 'updateRoom', params: { settings: { locked: 1 } }, target: undefined, outcome: 'bad-request' },
      { ...by, action: 'sendChat', params: {}, target: expect.any(String), outcome: 'not-found' },
    ]);
  });

  test('has one line of what was done where the connection was gone before the answer, and from where it came', async () => {
    const gone = Promise.withResolvers<undefined>();
    const { app, told } = await startApi({ handlers: { endRoom: () => gone.promise } });
    // As the server's queue of new connections does; Node keeps what it was asked for.
    app.server.on('connection', (socket) => expect(socket.remoteAddress).toBe('127.0.0.1'));
    app.server.on('request', (_request, response) => void response.once('close', () => gone.resolve(undefined)));
    const { port, host } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(port), '127.0.0.1');
    const lines = ['DELETE /api/v1/rooms/daily HTTP/1.1', `Host: ${host}`, 'Authorization: Bearer good', '', ''];
    // The kernel sends what was written, and the reset right behind it.
    socket.write(lines.join('\r\n'), () => void socket.resetAndDestroy());
    await waitFor('the line', () => told.length > 0);
    await app.close();
    expect(told).toMatchObject([{ address: '127.0.0.1', room: 'daily', action: 'endRoom', outcome: 'done' }]);
  });

  test('says whose ban was lifted, or was to be', async () => {
    const lifted: unknown[] = [];
    const { ask, told } = await startApi({ handlers: { liftBan: ({ query }) => void lifted.push(query) } });
    expect((await ask('DELETE', '/rooms/daily/bans?identity=eve%40example.org')).status).toBe(204);
    expect((await ask('DELETE', '/rooms/daily/bans?identity=%00')).status).toBe(400);
    expect(lifted).toEqual([{ identity: 'eve@example.org' }]);
    expect(told).toMatchObject([
      { action: 'liftBan', room: 'daily', target: 'eve@example.org', outcome: 'done' },
      // What was no identity is none in the log.
      { action: 'liftBan', room: 'daily', target: undefined, outcome: 'bad-request' },
    ]);
  });

  test('says where somebody was moved to', async () => {
    const { ask, told } = await startApi({ handlers: { moveParticipant: async () => undefined } });
    await ask('POST', '/rooms/daily/participants/p1/move', { payload: { room: 'weekly' } });
    expect(told).toMatchObject([
      { room: 'daily', target: 'p1 in daily', params: { participantId: 'p1', room: 'weekly' } },
    ]);
  });

  test('has those who may not as well, but not those of whom nothing is known', async () => {
    const { ask, told } = await startApi({ grants: { rooms: 'read' } });
    for (const name of operationNames.filter(isWrite)) {
      const operation: ApiOperation = apiOperations[name];
      await ask(operation.method, addressOf(operation));
    }
    expect(told.map(({ action }) => action)).toEqual(operationNames.filter(isWrite));
    expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['forbidden']));
  });
});
