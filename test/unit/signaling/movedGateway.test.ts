import type { Socket } from 'socket.io-client';
import { expect, test } from 'vitest';
import { PlenumError } from '../../../src/protocol/index.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { ask, connect, open } from '../../support/gatewayStage.ts';
import type { Lobby } from '../../support/Lobby.ts';
import { requestExamples } from '../../support/requestExamples.ts';
import { waitFor } from '../../support/waitFor.ts';
import { wideLimits } from '../../support/wideLimits.ts';

const application = { kind: 'application', name: 'Campus' } as const;

/** Has joined one room, and been moved to another; not joined there. */
async function moved(
  lobby: Lobby,
  port: number,
  identity = 'ada',
  beforeMove = (): void => undefined,
): Promise<Socket> {
  const socket = await connect(port, `school.${identity}`);
  await socket.welcome;
  const { data } = await ask(socket, 'join', requestExamples.join());
  const welcome = new Promise((resolve) => socket.once('welcome', resolve));
  beforeMove();
  const room = lobby.registry.find('school');
  await room?.moderation.act(application, { action: 'move', participantId: data.participantId, room: 'school--1' });
  expect(await welcome).toMatchObject({ room: 'school--1' });
  return socket;
}

test('a join that fails after the move does not lead back: the next connection is for the same room', async () => {
  const { lobby, port, gateway } = await open();
  const ada = await moved(lobby, port);
  lobby.registry.find('school--1')?.changeSettings({ locked: true }, application);
  lobby.hold(/./);
  const joining = ask(ada, 'join', requestExamples.join());
  await waitFor('the join to be worked on', () => lobby.held.length > 0);
  await lobby.fail();
  expect(await joining).toMatchObject({ ok: false, error: { code: 'internal' } });
  lobby.hold(/^$/);
  ada.disconnect();
  await waitFor('the socket to go', () => gateway.sockets === 0);
  const again = await connect(port, 'school.ada');
  expect(await again.welcome).toMatchObject({ room: 'school--1' });
  expect(await ask(again, 'join', requestExamples.join())).toMatchObject({ ok: true });
});

/** Who was moved comes to the same room once more, over another connection, and is being worked on. */
async function comesTwice({ lobby, port }: Awaited<ReturnType<typeof open>>) {
  const ada = await moved(lobby, port);
  const { data } = await ask(ada, 'join', requestExamples.join());
  const left: unknown[] = [];
  lobby.registry.on('participantLeft', ({ name }, { participantId }, { reason }) =>
    left.push([name, participantId === data.participantId, reason]),
  );
  const second = await connect(port, 'school.ada');
  expect(await second.welcome).toMatchObject({ room: 'school--1' });
  lobby.hold(/./);
  const joining = ask(second, 'join', requestExamples.join());
  await waitFor('the join to be worked on', () => lobby.held.length > 0);
  lobby.hold(/^$/);
  const room = lobby.registry.getOrCreate('school--1');
  expect(room.participants).toHaveLength(1);
  return { ada, participantId: data.participantId, left, joining, room };
}

test('who was removed while a second visit was coming ends with it as removed, and not as moved', async () => {
  const revoked = new Set<string>();
  const stage = await open({
    revokeToken: ({ fingerprint }) => void revoked.add(fingerprint),
    checkToken: ({ fingerprint }) => {
      if (revoked.has(fingerprint)) throw new PlenumError('unauthorized', 'the token has been revoked');
    },
  });
  const { participantId, left, joining, room } = await comesTwice(stage);
  await room.moderation.act(application, { action: 'remove', participantId, ban: false });
  await stage.lobby.release();
  expect(await joining).toMatchObject({ error: { code: 'unauthorized' } });
  expect(left).toEqual([
    ['school--1', true, 'removed'],
    ['school--1', false, 'removed'],
  ]);
});

test('who was moved on while a second visit was coming ends with it as moved, and is led there', async () => {
  const stage = await open();
  const { participantId, left, joining, room } = await comesTwice(stage);
  await room.moderation.act(application, { action: 'move', participantId, room: 'school--2' });
  await stage.lobby.release();
  expect(await joining).toMatchObject({ error: { code: 'closed', retryAfterMs: expect.any(Number) } });
  expect(left).toEqual([
    ['school--1', true, 'moved'],
    ['school--1', false, 'moved'],
  ]);
});

test('who leaves while a second visit is coming leaves that there', async () => {
  const stage = await open();
  const { ada, left, joining, room } = await comesTwice(stage);
  await ask(ada, 'leave', {});
  await stage.lobby.release();
  expect(await joining).toMatchObject({ ok: true });
  expect(left).toEqual([['school--1', true, 'left']]);
  expect(room.participants).toHaveLength(1);
});

test('who was just moved has as long to join as who has just come', async () => {
  const clock = new FakeClock();
  const { lobby, port } = await open({ clock, prepareTimeout: 60 });
  const ada = await moved(lobby, port, 'ada', () => clock.advance(59_000));
  const gone = new Promise((resolve) => ada.once('disconnect', () => resolve('gone')));
  clock.advance(2000);
  // Answers come in order: it would have been disconnected before this one.
  const asked = ask(ada, 'join', requestExamples.join());
  expect(await Promise.race([gone, asked])).toMatchObject({ ok: true });
});

test('what who was moved asks for counts in the other room', async () => {
  // The join in the former room, and no more; so slow that nothing is forgiven while the test runs.
  const room = { perSecond: 0.001, burst: 1 };
  const { lobby, port } = await open({ limitJoins: { ...wideLimits.limitJoins, room } });
  const ada = await moved(lobby, port);
  expect(await ask(ada, 'join', requestExamples.join())).toMatchObject({ ok: true });
  const bob = await connect(port, 'school--1.bob');
  expect(await ask(bob, 'join', requestExamples.join())).toMatchObject({ error: { code: 'rate-limited' } });
});
