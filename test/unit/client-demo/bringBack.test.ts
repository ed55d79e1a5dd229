import { expect, test } from 'vitest';
import { type Breakout, bringBack } from '../../../client-demo/src/lib/bringBack.ts';
import { PlenumError } from '../../../src/client/index.ts';

/** A breakout room with so many others, of whom the server lists as many on a page as one asks for. */
class FakeBreakout implements Breakout {
  readonly name = 'otter--blue';
  readonly local = { participantId: 'me', identity: 'mia' };
  readonly there: string[];
  readonly moved: string[] = [];
  readonly targets = new Set<string>();
  /** Moves of them fail with this. */
  readonly refused = new Map<string, PlenumError>();
  mostAtOnce = 0;
  #atOnce = 0;

  constructor(others: number) {
    const half = others / 2;
    const names = Array.from({ length: others }, (_, index) => `p${index}`);
    // Pages are sorted by name, so that one is somewhere in the middle.
    this.there = [...names.slice(0, half), this.local.participantId, ...names.slice(half)];
  }

  readonly listParticipants: Breakout['listParticipants'] = async ({ after = '0', limit = 50 }) => {
    const end = Number(after) + limit;
    const participants = this.there.slice(Number(after), end).map((participantId) => {
      return { participantId, identity: participantId.startsWith('me') ? 'mia' : participantId };
    });
    return { participants, next: end < this.there.length ? String(end) : undefined };
  };

  readonly moderate: Breakout['moderate'] = async (moderation) => {
    if (moderation.action !== 'move') throw new Error('nothing else is to be done');
    const { participantId, room } = moderation;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await new Promise(setImmediate);
    this.#atOnce -= 1;
    if (this.moved.includes('me')) throw new PlenumError('forbidden', 'you are not there any more');
    const refusal = this.refused.get(participantId);
    if (refusal) throw refusal;
    this.moved.push(participantId);
    this.targets.add(room);
  };
}

test('everybody is brought back, also whoever this page does not know of, and oneself last', async () => {
  const room = new FakeBreakout(250);
  await bringBack(room);
  expect(room.moved.toSorted()).toEqual(room.there.toSorted());
  expect(room.moved.at(-1)).toBe('me');
  expect([...room.targets]).toEqual(['otter']);
  expect(room.mostAtOnce, 'the server refuses who asks for much more').toBeLessThanOrEqual(4);
});

test('whoever has left meanwhile keeps nobody here', async () => {
  const room = new FakeBreakout(2);
  room.refused.set('p0', new PlenumError('not-found', 'nobody of that id'));
  await bringBack(room);
  expect(room.moved).toEqual(['p1', 'me']);
});

test('where somebody cannot go back, all the others do, and the moderator stays and hears why', async () => {
  const room = new FakeBreakout(40);
  room.refused.set('p3', new PlenumError('forbidden', 'banned there'));
  await expect(bringBack(room)).rejects.toMatchObject({ code: 'forbidden' });
  expect(room.moved).toHaveLength(39);
  expect(room.moved).not.toContain('me');
});

test('where there is no main room, that is said', async () => {
  const room = new FakeBreakout(2);
  for (const each of room.there) room.refused.set(each, new PlenumError('not-found', 'there is no such room'));
  await expect(bringBack(room)).rejects.toMatchObject({ code: 'not-found' });
});

test('another visit of oneself goes along with this one, at last', async () => {
  const room = new FakeBreakout(4);
  room.there.unshift('me too');
  await bringBack(room);
  expect(room.moved.toSorted()).toEqual(['me', 'p0', 'p1', 'p2', 'p3']);
  expect(room.moved.at(-1)).toBe('me');
});
