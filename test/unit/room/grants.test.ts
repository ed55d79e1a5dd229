import { expect, test } from 'vitest';
import { plainGrants } from '../../../src/protocol/index.ts';
import { camera, Lobby, settled } from '../../support/Lobby.ts';

test('who may no longer publish does not get through what was being made at that moment', async () => {
  const lobby = new Lobby();
  const { participant } = await lobby.join('ada');
  lobby.hold(/produce/);
  const publishing = participant.publish(camera());
  await settled();
  expect(lobby.held).toHaveLength(1);
  participant.setGrants({ ...plainGrants, canPublish: ['microphone'] }, { displayName: 'Mia' });
  const refused = expect(publishing).rejects.toMatchObject({ code: 'forbidden' });
  await lobby.release();
  await refused;
  expect(lobby.engine.producers).toEqual([]);
  expect(participant.publications).toEqual([]);
});

test('who only knocks at a locked room keeps it open no longer', async () => {
  const lobby = new Lobby({ roomGraceMs: 5000 });
  const { room, participant } = await lobby.join('ada');
  await room.moderation.act({ kind: 'participant', participant }, { action: 'lock', locked: true });
  room.leave(participant, 'left');
  lobby.clock.advance(4000);
  await expect(lobby.join('eve')).rejects.toMatchObject({ code: 'room-locked' });
  lobby.clock.advance(1000);
  expect(lobby.registry.rooms).toEqual([]);
  await lobby.join('eve');
});
