import { expect, test } from 'vitest';
import { autoOrder, type Sent, withinReach } from '../../../src/room/autoOrder.ts';

const sent = (name: string, about: Partial<Sent> = {}): Sent & { name: string } => ({
  name,
  participantId: name,
  kind: 'video',
  source: 'camera',
  ...about,
});

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(' ');
const nobody = { spotlit: () => undefined, spoke: () => undefined, joined: () => 0 };

test('the newest screen is first, then the cameras in the order of joining', () => {
  const list = [
    sent('late'),
    sent('s1', { source: 'screen' }),
    sent('early'),
    sent('voice', { kind: 'audio', source: 'microphone' }),
    sent('s2', { source: 'screen' }),
    sent('middle'),
  ];
  const joined: Record<string, number> = { early: 1, middle: 2, late: 3 };
  expect(names(autoOrder(list, { ...nobody, joined: (id) => joined[id] ?? 0 }))).toBe('s2 s1 early middle late');
});

test('those who spoke come before those who did not, the last one first; their second camera stays behind the first', () => {
  const list = [sent('a'), sent('b'), sent('c'), sent('c2', { participantId: 'c' }), sent('d')];
  const spoke: Record<string, number> = { b: 5, c: 9 };
  expect(names(autoOrder(list, { ...nobody, spoke: (id) => spoke[id] }))).toBe('c c2 b a d');
});

test('the spotlight comes after screens and before those who speak, in its own order', () => {
  const list = [sent('a'), sent('b'), sent('c'), sent('d'), sent('screen', { source: 'screen' })];
  const places: Record<string, number> = { d: 0, b: 1 };
  const spoke: Record<string, number> = { b: 1, c: 9 };
  const order = autoOrder(list, { ...nobody, spotlit: (id) => places[id], spoke: (id) => spoke[id] });
  expect(names(order)).toBe('screen d b c a');
});

test('no view reaches further than its limit and the videos of one that it passes over', () => {
  const order = [sent('a'), sent('b'), sent('b2', { participantId: 'b' }), sent('c'), sent('d'), sent('e')];
  expect(names(withinReach(order, 2))).toBe('a b b2 c');
  expect(names(withinReach(order, 9))).toBe('a b b2 c d e');
  expect(withinReach([], 2)).toEqual([]);
});
