import { describe, expect, test } from 'vitest';
import type { MeetingEvents, RoomSession } from '../../../src/room/Meeting.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

interface Line {
  what: keyof MeetingEvents;
  who?: string;
  source?: string;
  end?: object;
}

/** What the registry tells, in order. */
function recordOf({ registry }: Lobby): { lines: Line[]; sessions: RoomSession[] } {
  const lines: Line[] = [];
  const sessions: RoomSession[] = [];
  registry.on('roomStarted', (session) => {
    sessions.push(session);
    lines.push({ what: 'roomStarted' });
  });
  registry.on('roomEnded', (session, end) => {
    sessions.push(session);
    lines.push({ what: 'roomEnded', end });
  });
  registry.on('participantJoined', (_, { identity }) => lines.push({ what: 'participantJoined', who: identity }));
  registry.on('participantLeft', (_, { identity }, end) => lines.push({ what: 'participantLeft', who: identity, end }));
  registry.on('publicationStarted', (_, { identity }, { source }) =>
    lines.push({ what: 'publicationStarted', who: identity, source }),
  );
  registry.on('publicationEnded', (_, { identity }, { source }, end) =>
    lines.push({ what: 'publicationEnded', who: identity, source, end }),
  );
  return { lines, sessions };
}

describe('the record of a room', () => {
  test('tells each beginning and its end, from the inside out, with how long it lasted', async () => {
    const lobby = new Lobby({ roomGraceMs: 5000 });
    const { lines, sessions } = recordOf(lobby);
    const { participant: ada } = await lobby.join('ada');
    lobby.clock.advance(1000);
    await ada.publish(camera());
    const { publicationId } = await ada.publish(microphone());
    lobby.clock.advance(500);
    ada.unpublish(publicationId);
    lobby.clock.advance(500);
    ada.close('left');
    lobby.clock.advance(5000);
    expect(lines).toEqual([
      { what: 'roomStarted' },
      { what: 'participantJoined', who: 'ada' },
      { what: 'publicationStarted', who: 'ada', source: 'camera' },
      { what: 'publicationStarted', who: 'ada', source: 'microphone' },
      { what: 'publicationEnded', who: 'ada', source: 'microphone', end: { durationMs: 500 } },
      { what: 'publicationEnded', who: 'ada', source: 'camera', end: { durationMs: 1000 } },
      { what: 'participantLeft', who: 'ada', end: { reason: 'left', durationMs: 2000 } },
      { what: 'roomEnded', end: { reason: 'ended', durationMs: 7000 } },
    ]);
    expect(sessions[0]).toEqual(sessions[1]);
    expect(sessions[0]).toMatchObject({ name: 'room', startedAt: 1_800_000_000_000 });
  });

  test('a room that is ended tells of everybody in it first; one of the same name is another', async () => {
    const lobby = new Lobby();
    const { lines, sessions } = recordOf(lobby);
    const { room } = await lobby.join('ada');
    await lobby.join('bob');
    room.close('ended', false);
    await lobby.join('ada');
    lobby.registry.close();
    expect(lines.map(({ what, who, end }) => [what, who, end && 'reason' in end ? end.reason : undefined])).toEqual([
      ['roomStarted', undefined, undefined],
      ['participantJoined', 'ada', undefined],
      ['participantJoined', 'bob', undefined],
      ['participantLeft', 'ada', 'room-closed'],
      ['participantLeft', 'bob', 'room-closed'],
      ['roomEnded', undefined, 'ended'],
      ['roomStarted', undefined, undefined],
      ['participantJoined', 'ada', undefined],
      ['participantLeft', 'ada', 'room-closed'],
      ['roomEnded', undefined, 'server-stopping'],
    ]);
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  test('a second visit of an identity: the first leaves before the second joins', async () => {
    const lobby = new Lobby();
    const { lines } = recordOf(lobby);
    await lobby.join('ada');
    await lobby.join('ada');
    expect(lines.slice(1).map(({ what, end }) => [what, end])).toEqual([
      ['participantJoined', undefined],
      ['participantLeft', { reason: 'replaced', durationMs: 0 }],
      ['participantJoined', undefined],
    ]);
  });

  test('a join that fails is not told, nor is a room in which nobody has been', async () => {
    const lobby = new Lobby();
    const { lines } = recordOf(lobby);
    lobby.hold(/transport/);
    const join = lobby.join('ada');
    await settled();
    await Promise.all([expect(join).rejects.toThrow('the worker refused'), lobby.fail()]);
    lobby.clock.advance(60_000);
    expect(lobby.registry.rooms).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('whose worker dies neither leaves nor joins, and what it publishes again has not ended', async () => {
    const lobby = new Lobby();
    const { lines } = recordOf(lobby);
    const { participant: ada } = await lobby.join('ada');
    const { publicationId } = await ada.publish(camera());
    const before = lines.length;
    lobby.engine.breakWorker(ada.workerId);
    await settled();
    lobby.clock.advance(1000);
    await settled();
    expect(ada.interrupted).toBe(false);
    const { rtpParameters } = camera();
    await ada.restorePublication({ requestId: 'again', publicationId, rtpParameters, muted: false });
    lobby.clock.advance(60_000);
    expect(lines.slice(before)).toEqual([]);
    expect(ada.publications.map(({ live }) => live)).toEqual([true]);
  });

  test('what is not published again within ten seconds has ended', async () => {
    const lobby = new Lobby();
    const { lines } = recordOf(lobby);
    const { participant: ada } = await lobby.join('ada');
    await ada.publish(camera());
    lobby.engine.breakWorker(ada.workerId);
    await settled();
    lobby.clock.advance(1000);
    await settled();
    lobby.clock.advance(60_000);
    expect(lines.slice(3)).toMatchObject([{ what: 'publicationEnded', who: 'ada', source: 'camera' }]);
  });
});
