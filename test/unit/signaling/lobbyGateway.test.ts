import { expect, test } from 'vitest';
import { PlenumError, roomSettings } from '../../../src/protocol/index.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { ask, connect, open } from '../../support/gatewayStage.ts';
import { requestExamples } from '../../support/requestExamples.ts';
import { waitFor } from '../../support/waitFor.ts';

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

test('whose socket breaks during a join that ends in the lobby is waited for as any other who waits', async () => {
  const { port, lobby, gateway } = await open();
  const room = lobby.registry.create('room', roomSettings.parse({}));
  const ada = await connect(port, 'room.ada');
  lobby.hold(/./);
  const joining = ask(ada, 'join', requestExamples.join());
  joining.catch(() => undefined);
  await waitFor('the join to be worked on', () => lobby.held.length > 0);
  ada.io.engine.close();
  await waitFor('the socket to go', () => gateway.sockets === 0);
  room.changeSettings({ lobby: true }, { kind: 'application', name: 'Campus' });
  lobby.hold(/^$/);
  await lobby.release();
  expect(room.door.knocks).toMatchObject([{ identity: 'ada' }]);
  lobby.clock.advance(5000);
  expect(room.door.knocks).toEqual([]);
});
