import { expect, test } from 'vitest';
import { PlenumError, roomSettings } from '../../../src/protocol/index.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { ask, connect, open } from '../../support/gatewayStage.ts';
import { requestExamples } from '../../support/requestExamples.ts';

test('who waits in the lobby keeps its socket, and its token may expire; who has only connected may not be late', async () => {
  const clock = new FakeClock();
  let expired = false;
  const checkToken = (_token: unknown, mayHaveExpired: boolean) => {
    if (expired && !mayHaveExpired) throw new PlenumError('unauthorized', 'the token has expired');
  };
  const { port, lobby } = await open({ prepareTimeout: 60, clock, checkToken });
  const room = lobby.registry.create('room', roomSettings.parse({ lobby: true }));
  const [ada, bob] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.bob')]);
  expect(await ask(ada, 'join', requestExamples.join())).toMatchObject({ error: { code: 'in-lobby' } });
  const gone = new Promise((resolve) => bob.once('disconnect', resolve));
  expired = true;
  expect(await ask(bob, 'join', requestExamples.join())).toMatchObject({ error: { code: 'unauthorized' } });
  clock.advance(600_000);
  await gone;
  const admitted = new Promise((resolve) => ada.once('admitted', resolve));
  room.door.admit();
  await admitted;
  expect(await ask(ada, 'join', requestExamples.join())).toMatchObject({ ok: true });
});
