import { expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/protocol/index.ts';
import { ChatHistory } from '../../../src/room/ChatHistory.ts';
import { RecentDeltas } from '../../../src/room/RecentDeltas.ts';

function filled(to: number, count = 1): RecentDeltas {
  const deltas = new RecentDeltas();
  for (let revision = 1; revision <= to; revision += 1) {
    deltas.add({ revision, unpublished: Array.from({ length: count }, () => ({ publicationId: 'x'.repeat(64) })) });
  }
  return deltas;
}

const revisions = (deltas: RecentDeltas, revision: number, current: number) =>
  deltas.since(revision, current)?.map((delta) => delta.revision);

test('gives the deltas after a revision, or nothing where some are gone', () => {
  const deltas = filled(5);
  expect(revisions(deltas, 3, 5)).toEqual([4, 5]);
  expect(revisions(deltas, 5, 5)).toEqual([]);
  expect(revisions(deltas, 0, 5)).toEqual([1, 2, 3, 4, 5]);
  expect(revisions(deltas, 6, 5)).toBeUndefined();
});

test('keeps 300 deltas, and 256 KiB', () => {
  expect(revisions(filled(310), 9, 310)).toBeUndefined();
  expect(revisions(filled(310), 10, 310)).toHaveLength(300);
  const large = filled(10, 1000);
  expect(revisions(large, 6, 10)).toBeUndefined();
  expect(revisions(large, 8, 10)).toHaveLength(2);
});

function message(number: number): ChatMessage {
  return { chatId: `chat-${number}`, participantId: 'p', identity: 'i', displayName: 'n', text: 't', sentAt: number };
}

test('the chat after a message, also where those who come later get to see none', () => {
  const chat = new ChatHistory(0);
  for (let number = 0; number < 60; number += 1) chat.add(message(number));
  expect(chat.messages).toEqual([]);
  expect(chat.since('chat-57', 0).map(({ sentAt }) => sentAt)).toEqual([58, 59]);
  expect(chat.since('chat-59', 0)).toEqual([]);
  expect(chat.since('chat-1', 0)).toHaveLength(50);
  expect(chat.since(undefined, 0)).toHaveLength(50);
});

test('whoever comes back learns nothing of what was said before its join', () => {
  const chat = new ChatHistory(0);
  for (let number = 0; number < 10; number += 1) chat.add(message(number));
  expect(chat.since(undefined, 8).map(({ sentAt }) => sentAt)).toEqual([8, 9]);
});

test('of long messages fewer are kept, so that the answer of a join stays small', () => {
  const chat = new ChatHistory(200);
  for (let number = 0; number < 200; number += 1) chat.add({ ...message(number), text: 'x'.repeat(4000) });
  expect(chat.messages.length).toBe(65);
  expect(chat.messages.at(-1)?.sentAt).toBe(199);
});
