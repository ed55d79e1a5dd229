import { describe, expect, test } from 'vitest';
import type { Kind, Source } from '../../../src/protocol/index.ts';
import { Publication } from '../../../src/room/Publication.ts';
import type { MediaProducer } from '../../../src/room/ports.ts';
import { RecentSpeakers } from '../../../src/room/RecentSpeakers.ts';
import { type Ear, RoomAudience } from '../../../src/room/RoomAudience.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const nobody: Ear = { pinned: new Set<string>(), watched: new Set<string>() };

/** Of the same name as its participant, with a sign for what it is. */
function publication(participantId: string, source: Source = 'microphone', muted = false): Publication {
  const kind: Kind = source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';
  const done = () => Promise.resolve();
  const producer: MediaProducer = {
    producerId: source === 'microphone' ? participantId : `${participantId}-${source}`,
    closed: false,
    codec: 'opus',
    spatialLayers: 1,
    stats: async () => [],
    on: () => () => undefined,
    pause: done,
    resume: done,
    close: () => undefined,
  };
  return new Publication(producer, 'router', { participantId, source, kind, muted, metadata: {} });
}

function audience(speakers = 2) {
  const clock = new FakeClock();
  const told = { changed: 0, recent: 0 };
  const room = new RoomAudience({
    clock,
    speakers,
    recent: 2,
    listener: {
      changed: () => {
        told.changed += 1;
      },
      recentChanged: () => {
        told.recent += 1;
      },
    },
  });
  const heard = (who: string, ear: Partial<Ear> = {}) => {
    return room
      .heardBy(who, { ...nobody, ...ear })
      .map(({ publicationId }) => publicationId)
      .toSorted();
  };
  const say = (producerId: string, sustained = false) => room.onset({ producerId, level: -30, sustained });
  return { clock, told, room, heard, say };
}

const people = (names: string) => names.split('').map((name) => publication(name));

describe('who is heard', () => {
  test('are all others while there are few microphones, muted or not', () => {
    const { room, heard } = audience();
    room.offer([...people('abc'), publication('d', 'microphone', true)]);
    expect(heard('a')).toEqual(['b', 'c', 'd']);
    expect(heard('somebody else')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('are as many as the limit, less where the connection is narrow, of those who are not muted', () => {
    const { room, heard, say } = audience(3);
    room.offer([publication('m', 'microphone', true), ...people('abcdefg')]);
    expect(heard('x')).toEqual(['a', 'b', 'c']);
    expect(heard('b')).toEqual(['a', 'c', 'd']);
    say('g');
    expect(heard('x', { limit: 1 })).toEqual(['g']);
    expect(heard('g', { limit: 2 })).toHaveLength(2);
    expect(heard('g', { limit: 2 })).not.toContain('g');
    expect(heard('x', { limit: 0 })).toEqual([]);
    // Nobody can hear more than the room's limit.
    expect(heard('x', { limit: 100 })).toHaveLength(3);
    expect(heard('x', { limit: 1 }).every((id) => heard('x', { limit: 2 }).includes(id))).toBe(true);
  });

  test('are all where there is no limit', () => {
    const { room, heard, say, told } = audience(0);
    room.offer(people('abcdefghijklmnopq'));
    expect(heard('a')).toHaveLength(16);
    const before = told.changed;
    say('q');
    room.loud([{ producerId: 'p', level: -10 }]);
    expect(told.changed).toBe(before);
    expect(heard('a', { limit: 1 })).toHaveLength(1);
  });

  test('whoever is pinned besides, with all that it sends, also muted; never oneself', () => {
    const { room, heard } = audience();
    const muted = publication('e', 'microphone', true);
    room.offer([...people('abcdf'), muted, publication('f', 'screen-audio')]);
    const pinned = new Set(['a', 'e', 'f', 'gone']);
    expect(heard('x', { pinned })).toEqual(['a', 'b', 'e', 'f', 'f-screen-audio']);
    expect(heard('e', { pinned })).toEqual(['a', 'b', 'f', 'f-screen-audio']);
  });

  test('the sound of the two newest screens, of others by those who watch them, and in no one\u2019s place', () => {
    const { room, heard } = audience();
    room.offer([...'abc'.split('').map((name) => publication(name, 'screen-audio')), ...people('abcdef')]);
    expect(heard('x')).toEqual(['a', 'b', 'b-screen-audio', 'c-screen-audio']);
    expect(heard('x', { watched: new Set(['a', 'd']) })).toHaveLength(5);
    expect(heard('c')).toEqual(['a', 'b', 'b-screen-audio']);
  });

  test('changes are told once, and not where nothing changes for anybody', () => {
    const { room, told, say, clock } = audience();
    room.offer(people('abcdef'));
    expect(told.changed).toBe(1);
    room.offer(people('abcdef'));
    room.offer([...people('abcdef'), publication('a', 'camera')]);
    expect(told.changed).toBe(1);
    say('f');
    expect(told.changed).toBe(2);
    clock.advance(100);
    room.loud([
      { producerId: 'f', level: -30 },
      { producerId: 'unknown', level: -1 },
    ]);
    say('unknown');
    expect(told.changed).toBe(2);
    room.offer(people('abcde'));
    expect(told.changed).toBe(3);
  });

  test('a wall clock that is set back or on does not keep a new voice out', () => {
    const { room, heard, say, clock } = audience();
    room.offer(people('abcdef'));
    for (const name of ['a', 'b', 'c']) {
      say(name);
      clock.advance(400);
    }
    clock.set(clock.now() - 3_600_000);
    clock.advance(400);
    say('f');
    expect(heard('x')).toContain('f');
    clock.set(clock.now() + 3_600_000);
    clock.advance(10);
    say('e');
    expect(heard('x')).toContain('e');
  });
});

test('who has spoken in the last minute may return, also when muted meanwhile, and nobody else', () => {
  const { room, say, clock } = audience();
  room.offer(people('abcdef'));
  expect(room.mayReturn('a')).toBe(false);
  say('a');
  clock.advance(59_000);
  room.offer([...people('bcdef'), publication('a', 'microphone', true)]);
  expect(room.mayReturn('a')).toBe(true);
  clock.advance(1500);
  expect(room.mayReturn('a')).toBe(false);
  say('b');
  room.offer(people('cdef'));
  expect(room.mayReturn('b')).toBe(false);
});

describe('recent speakers', () => {
  test('are those with a video who said more than a click', () => {
    const { room, say, told } = audience();
    room.offer([...people('abc'), ...['a', 'b'].map((name) => publication(name, 'camera'))]);
    say('a');
    expect([...room.recent.keys()]).toEqual([]);
    say('a', true);
    say('c', true);
    expect([...room.recent.keys()]).toEqual(['a']);
    expect(told.recent).toBe(1);
    room.offer(people('abc'));
    expect([...room.recent.keys()]).toEqual([]);
  });

  test('are told where somebody new belongs to them, the latest highest', () => {
    const recent = new RecentSpeakers(2);
    recent.keep(new Set(['a', 'b', 'c']));
    expect(recent.spoke(['a'])).toBe(true);
    expect(recent.spoke(['b'])).toBe(true);
    // Both are shown as it is.
    expect(recent.spoke(['a'])).toBe(false);
    expect(recent.spoke(['c', 'stranger'])).toBe(true);
    expect([...recent.list.keys()].toSorted()).toEqual(['a', 'c']);
    expect(recent.list.get('c')).toBeGreaterThan(recent.list.get('a') ?? 0);
    // Who spoke before takes the place of one who is gone.
    recent.keep(new Set(['b', 'c']));
    expect([...recent.list.keys()].toSorted()).toEqual(['b', 'c']);
    expect(recent.spoke(['b', 'c'])).toBe(false);
    recent.keep(new Set(['c']));
    recent.keep(new Set(['b', 'c']));
    expect([...recent.list.keys()]).toEqual(['c']);
  });
});
