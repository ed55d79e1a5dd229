import { beforeEach, describe, expect, test } from 'vitest';
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
  changes = new Changes(clock, (delta) => sent.push({ at: clock.now() - start, delta }), 100);
});

function participant(participantId: string, about: Partial<ParticipantInfo> = {}): ParticipantInfo {
  const same = {
    displayName: 'Ada',
    moderator: false,
    metadata: {},
    handRaisedAt: null,
    joinedAt: 0,
    connection: 'good' as const,
  };
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

test('without an interval each change leaves by itself', () => {
  changes = new Changes(clock, (delta) => sent.push({ at: clock.now() - start, delta }), 0);
  for (const id of ['a', 'b', 'c']) {
    changes.participant(participant(id));
    clock.advance(0);
  }
  expect(sent.map(({ at, delta }) => [at, delta.participants?.map(({ identity }) => identity)])).toEqual([
    [0, ['a']],
    [0, ['b']],
    [0, ['c']],
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

describe('how many there are', () => {
  test('goes with a delta that leaves anyway, and by itself once a second at most', () => {
    changes.count(101);
    clock.advance(0);
    changes.count(102);
    clock.advance(50);
    changes.participant(participant('a'));
    changes.count(103);
    clock.advance(50);
    changes.count(104);
    clock.advance(5000);
    expect(sent).toEqual([
      { at: 0, delta: { revision: 1, count: 101 } },
      { at: 100, delta: { revision: 2, count: 103, participants: [participant('a')] } },
      { at: 1100, delta: { revision: 3, count: 104 } },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('is told the less often the more there are, so that all of them together hear the same', () => {
    const spread = [1000, 10_000].map((size) => {
      const own: number[] = [];
      const many = new Changes(clock, () => own.push(clock.now()), 100);
      for (let ms = 0; ms < 100_000; ms += 20) {
        many.count(size + ms);
        clock.advance(20);
      }
      many.close();
      return (own.length * size) / 100;
    });
    // Messages to all sockets together in a second.
    for (const messages of spread) expect(messages).toBeLessThan(600);
    expect(clock.pending).toBe(0);
  });

  test('is told again also where it is what it was, for those who came in between', () => {
    changes.count(101);
    clock.advance(0);
    changes.count(102);
    changes.count(101);
    clock.advance(2000);
    expect(sent.map(({ delta }) => delta.count)).toEqual([101, 101]);
  });

  test('is not told any more when the room is small again', () => {
    changes.count(101);
    changes.count(undefined);
    changes.partial(false);
    clock.advance(2000);
    expect(sent.map(({ delta }) => delta)).toEqual([{ revision: 1, partial: false }]);
    expect(clock.pending).toBe(0);
  });
});

test('who is hidden takes along what was not told yet; who is shown again was never hidden', () => {
  changes.participant(participant('a'));
  changes.publication(publication('1', 'a'));
  changes.hidden('a');
  changes.hidden('b');
  changes.participant(participant('b'));
  changes.hidden('c');
  changes.left('c', 'left');
  clock.advance(0);
  expect(sent[0]?.delta).toEqual({
    revision: 1,
    participants: [participant('b')],
    hidden: [{ participantId: 'a' }],
    left: [{ participantId: 'c', reason: 'left' }],
  });
});

test('who has changed what holds in the room is told, but of several nobody', () => {
  const [mia, max] = [{ identity: 'mia', displayName: 'Mia' }, { displayName: 'Campus' }];
  changes.terms({ spotlight: ['a'], by: mia });
  changes.terms({ endsAt: null, by: { ...mia } });
  clock.advance(100);
  changes.terms({ spotlight: [], by: mia });
  changes.terms({ endsAt: 5, by: max });
  changes.terms({ endsAt: 6, by: max });
  clock.advance(100);
  changes.terms({ spotlight: ['b'] });
  clock.advance(100);
  expect(sent.map(({ delta }) => delta)).toEqual([
    { revision: 1, spotlight: ['a'], endsAt: null, by: mia },
    { revision: 2, spotlight: [], endsAt: 6 },
    { revision: 3, spotlight: ['b'] },
  ]);
});
