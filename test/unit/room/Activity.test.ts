import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectionQuality, Notice } from '../../../src/protocol/index.ts';
import type { Participant } from '../../../src/room/Participant.ts';
import type { FakeLink } from '../../support/FakeHall.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

interface Heard {
  at: number;
  name: string;
  payload: unknown;
}

/** A room in which each one sends a microphone, and what the first has heard of speakers and quality, and when. */
async function meeting(people: string[], fullRoster = 100) {
  const lobby = new Lobby({ fullRoster });
  const everybody: { participant: Participant; link: FakeLink; publicationId: string; id: string }[] = [];
  for (const name of people) {
    const { participant, link } = await lobby.join(name);
    const { publicationId } = await participant.publish(microphone());
    everybody.push({ participant, link, publicationId, id: participant.participantId });
  }
  await settled();
  lobby.clock.advance(5000);
  const start = lobby.clock.now();
  const hearing = (link: FakeLink): Heard[] => {
    const heard: Heard[] = [];
    link.onNotice = ({ name, payload }) => {
      if (name === 'speakers' || name === 'quality') heard.push({ at: lobby.clock.now() - start, name, payload });
    };
    return heard;
  };
  const speak = (...levels: [who: number, level: number][]) => {
    const told = levels.map(([who, level]) => ({ producerId: everybody[who]?.publicationId ?? '', level }));
    lobby.engine.routers[0]?.tellLevels(told);
  };
  return { lobby, everybody, hearing, speak };
}

const idsOf = ({ payload }: Heard) =>
  (payload as Notice<'speakers'>).speakers.map(({ participantId }) => participantId);
const connectionsOf = ({ payload }: Heard) => (payload as Notice<'quality'>).connections;

function mostInASecond(heard: readonly Heard[]): number {
  return Math.max(0, ...heard.map(({ at }) => heard.filter((other) => other.at >= at && other.at <= at + 1000).length));
}

describe('who speaks', () => {
  test('is told at once after a rest, then twice a second at most, and the last word counts', async () => {
    const { lobby, everybody, hearing, speak } = await meeting(['ada', 'bob']);
    const [ada, bob] = everybody.map(({ id }) => id);
    const heard = hearing(everybody[0]?.link as FakeLink);
    speak([1, -20]);
    lobby.clock.advance(0);
    expect(heard.map((each) => [each.at, idsOf(each)])).toEqual([[0, [bob]]]);
    speak([0, -20]);
    lobby.clock.advance(100);
    speak([0, -20], [1, -30]);
    lobby.clock.advance(100);
    speak();
    lobby.clock.advance(100);
    speak([1, -20], [0, -30]);
    lobby.clock.advance(5000);
    expect(heard.map((each) => [each.at, idsOf(each)])).toEqual([
      [0, [bob]],
      [510, [bob, ada]],
    ]);
  });

  test('is not told again while nothing but a shade of loudness changes', async () => {
    const { lobby, everybody, hearing, speak } = await meeting(['ada', 'bob']);
    const heard = hearing(everybody[0]?.link as FakeLink);
    for (const level of [-20, -21, -19, -20, -22]) {
      speak([1, level]);
      lobby.clock.advance(1000);
    }
    speak([1, -30]);
    lobby.clock.advance(1000);
    // Away and back again before the next word: as it was.
    speak([0, -10]);
    lobby.clock.advance(100);
    speak();
    speak([0, -10]);
    lobby.clock.advance(2000);
    expect(heard).toHaveLength(3);
    expect(lobby.clock.pending).toBe(0);
  });

  test('is the loudest six, each once, whatever they send', async () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const { lobby, everybody, hearing, speak } = await meeting(people);
    const heard = hearing(everybody[0]?.link as FakeLink);
    speak([3, -10], [3, -11], ...people.map((_, who): [number, number] => [who, -20 - who]));
    lobby.clock.advance(0);
    const expected = [3, 0, 1, 2, 4, 5].map((who) => everybody[who]?.id);
    expect(heard.map(idsOf)).toEqual([expected]);
  });

  test('is in the answer to a join', async () => {
    const { lobby, everybody, speak } = await meeting(['ada', 'bob']);
    speak([1, -20]);
    lobby.clock.advance(0);
    const { answer } = await lobby.join('cyd');
    expect(answer.room.speakers).toEqual([{ participantId: everybody[1]?.id, level: -20 }]);
  });
});

describe('how good connections are', () => {
  test('is told to everybody in a small room, in one message for all that changed', async () => {
    const { lobby, everybody, hearing } = await meeting(['ada', 'bob', 'cyd']);
    const heard = hearing(everybody[0]?.link as FakeLink);
    everybody[1]?.participant.setSilent(true);
    everybody[2]?.participant.setSilent(true);
    lobby.clock.advance(0);
    expect(heard.map(connectionsOf)).toEqual([
      [
        { participantId: everybody[1]?.id, quality: 'lost' },
        { participantId: everybody[2]?.id, quality: 'lost' },
      ],
    ]);
  });

  test('in a large room only to oneself and to those who receive something from there', async () => {
    const { lobby, everybody, hearing } = await meeting(['ada', 'bob', 'cyd', 'dan'], 2);
    const [ada, bob, cyd] = everybody;
    if (!ada || !bob || !cyd) throw new Error('they are there');
    // All audio is received by all; ada's camera by bob alone, and dan receives nothing else of her.
    ada.participant.unpublish(ada.publicationId);
    const { publicationId } = await ada.participant.publish(camera());
    const only = (videos: string[]) => ({
      videos: videos.map((id) => ({ publicationId: id, width: 100, height: 100, priority: 1 })),
    });
    const room = lobby.registry.rooms[0];
    room?.setView(bob.participant, { version: 1, view: only([publicationId]) });
    room?.setView(cyd.participant, { version: 1, view: only([]) });
    await settled();
    lobby.clock.advance(5000);
    const heard = [ada, bob, cyd].map(({ link }) => hearing(link));
    ada.participant.setSilent(true);
    lobby.clock.advance(5000);
    expect(heard.map((list) => list.map(connectionsOf))).toEqual([
      [[{ participantId: ada.id, quality: 'lost' }]],
      [[{ participantId: ada.id, quality: 'lost' }]],
      [],
    ]);
  });

  test('of somebody who left is not told any more', async () => {
    const { lobby, everybody, hearing } = await meeting(['ada', 'bob']);
    const heard = hearing(everybody[0]?.link as FakeLink);
    everybody[1]?.participant.setSilent(true);
    everybody[1]?.participant.close('left');
    lobby.clock.advance(5000);
    expect(heard).toEqual([]);
  });
});

test('speakers and quality take turns, neither keeps the other waiting for long', async () => {
  const { lobby, everybody, hearing, speak } = await meeting(['ada', 'bob']);
  const heard = hearing(everybody[0]?.link as FakeLink);
  for (let turn = 0; turn < 100; turn += 1) {
    speak([turn % 2, -10 - ((turn * 4) % 60)]);
    everybody[1]?.participant.setSilent(turn % 2 === 0);
    lobby.clock.advance(50);
  }
  expect(heard.length).toBeGreaterThan(8);
  expect(mostInASecond(heard)).toBe(2);
  const names = heard.map(({ name }) => name);
  expect(names.every((name, index) => name !== names[index - 1])).toBe(true);
});

test('whatever flaps, nobody gets more than two messages a second, and in the end everybody knows how it is', async () => {
  const who = fc.nat(4);
  const step = fc.oneof(
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }),
    fc.record({
      do: fc.constant('speak' as const),
      levels: fc.uniqueArray(fc.tuple(who, fc.integer({ min: -60, max: -5 })), {
        maxLength: 3,
        selector: ([index]) => index,
      }),
    }),
    fc.record({ do: fc.constant('silent' as const), who, silent: fc.boolean() }),
    fc.record({ do: fc.constant('score' as const), who, score: fc.constantFrom(1, 10) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2, 100), fc.array(step, { maxLength: 60 }), async (fullRoster, steps) => {
      const { lobby, everybody, hearing, speak } = await meeting(['a', 'b', 'c', 'd', 'e'], fullRoster);
      const heard = everybody.map(({ link }) => hearing(link));
      let last: [number, number][] = [];
      for (const each of steps) {
        if (each.do === 'wait') lobby.clock.advance(each.ms);
        else if (each.do === 'silent') everybody[each.who]?.participant.setSilent(each.silent);
        else if (each.do === 'score') lobby.engine.producers[each.who]?.tellScore(each.score);
        else {
          last = each.levels;
          speak(...last);
        }
      }
      lobby.clock.advance(3000);
      for (const list of heard) {
        expect(mostInASecond(list)).toBeLessThanOrEqual(2);
        const lists = list.filter(({ name }) => name === 'speakers').map(({ payload }) => JSON.stringify(payload));
        expect(lists.some((text, index) => text === lists[index - 1])).toBe(false);
        const speakers = list.findLast(({ name }) => name === 'speakers');
        const expected = last.map(([index]) => everybody[index]?.id);
        expect(speakers ? idsOf(speakers) : []).toEqual(expected);
        const known = new Map<string, ConnectionQuality>();
        for (const each of list.filter(({ name }) => name === 'quality')) {
          for (const { participantId, quality } of connectionsOf(each)) known.set(participantId, quality);
        }
        // Everybody receives the sound of everybody here.
        for (const { id, participant } of everybody) {
          expect(known.get(id) ?? 'good').toBe(participant.info.connection);
        }
      }
      expect(lobby.clock.pending).toBe(0);
    }),
    { numRuns: 100 },
  );
});
