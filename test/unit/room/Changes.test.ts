import { beforeEach, expect, test } from 'vitest';
import type { Notice, ParticipantInfo, PublicationInfo } from '../../../src/protocol/index.ts';
import { Changes } from '../../../src/room/Changes.ts';
import { FakeClock } from '../../support/FakeClock.ts';

let clock: FakeClock;
let sent: { at: number; delta: Notice<'roomChanged'> }[];
let changes: Changes;
let start: number;

beforeEach(() => {
  clock = new FakeClock();
  start = clock.now();
  sent = [];
  changes = new Changes(clock, (delta) => sent.push({ at: clock.now() - start, delta }));
});

function participant(participantId: string, about: Partial<ParticipantInfo> = {}): ParticipantInfo {
  const same = { displayName: 'Ada', metadata: {}, handRaisedAt: null, joinedAt: 0, connection: 'good' as const };
  return { participantId, identity: participantId, ...same, ...about };
}

function publication(publicationId: string, participantId = 'p', muted = false): PublicationInfo {
  const same = { source: 'camera', kind: 'video', codec: 'vp8', spatialLayers: 3, metadata: {} } as const;
  return { publicationId, participantId, muted, ...same };
}

test('the first change leaves at once, with what changes in the same turn; the next after 100 ms', () => {
  changes.participant(participant('a'));
  changes.publication(publication('1'));
  expect(sent).toHaveLength(0);
  clock.advance(0);
  expect(sent).toEqual([
    { at: 0, delta: { revision: 1, participants: [participant('a')], publications: [publication('1')] } },
  ]);
  clock.advance(10);
  changes.participant(participant('b'));
  changes.participant(participant('c'));
  clock.advance(1000);
  expect(sent.map(({ at, delta }) => [at, delta.revision])).toEqual([
    [0, 1],
    [100, 2],
  ]);
});

test('after a rest the next change leaves at once again, and a rest costs nothing', () => {
  changes.participant(participant('a'));
  clock.advance(5000);
  expect(clock.pending).toBe(0);
  changes.participant(participant('b'));
  clock.advance(0);
  expect(sent.map(({ at }) => at)).toEqual([0, 5000]);
});

test('a steady flow of changes makes at most ten deltas in a second', () => {
  for (let ms = 0; ms < 1000; ms += 5) {
    changes.participant(participant(`p${ms}`));
    clock.advance(5);
  }
  clock.advance(1000);
  expect(sent.length).toBeLessThanOrEqual(11);
  expect(sent.flatMap(({ delta }) => delta.participants ?? [])).toHaveLength(200);
  expect(sent.map(({ delta }) => delta.revision)).toEqual(sent.map((_, index) => index + 1));
});

test('of several changes of one thing only the last is told', () => {
  changes.participant(participant('a'));
  changes.participant(participant('a', { handRaisedAt: 7 }));
  changes.publication(publication('1', 'a', true));
  changes.publication(publication('1', 'a', false));
  changes.videoCodecs(['vp8']);
  changes.videoCodecs(['vp8', 'av1']);
  clock.advance(0);
  expect(sent[0]?.delta).toEqual({
    revision: 1,
    participants: [participant('a', { handRaisedAt: 7 })],
    publications: [publication('1', 'a', false)],
    videoCodecs: ['vp8', 'av1'],
  });
});

test('nothing both comes and goes in one delta', () => {
  changes.participant(participant('a'));
  changes.publication(publication('1', 'a'));
  changes.publication(publication('2', 'b'));
  changes.publication(publication('3', 'b'));
  changes.left('a', 'left');
  changes.unpublished('2');
  clock.advance(0);
  expect(sent[0]?.delta).toEqual({
    revision: 1,
    left: [{ participantId: 'a', reason: 'left' }],
    publications: [publication('3', 'b')],
    unpublished: [{ publicationId: '2' }],
  });
});

test('a delta that waits brings no former state back, and what is told elsewhere makes none', () => {
  changes.refresh(participant('a', { connection: 'lost' }));
  expect(clock.pending).toBe(0);
  changes.participant(participant('a'));
  changes.refresh(participant('a', { connection: 'lost' }));
  clock.advance(0);
  expect(sent[0]?.delta.participants).toEqual([participant('a', { connection: 'lost' })]);
});

test('a wall clock that is set back holds nothing up', () => {
  changes.participant(participant('a'));
  clock.advance(0);
  clock.set(start - 3_600_000);
  changes.participant(participant('b'));
  clock.advance(100);
  expect(sent).toHaveLength(2);
});

test('closed, it tells nothing and leaves no timer', () => {
  changes.participant(participant('a'));
  changes.close();
  changes.left('a', 'room-closed');
  clock.advance(1000);
  expect(sent).toEqual([]);
  expect(clock.pending).toBe(0);
});
