import { expect, test } from 'vitest';
import { fetchPage } from '../../../src/client/participantPage.ts';
import type { Session } from '../../../src/client/Session.ts';

const info = {
  participantId: 'p1',
  identity: 'ada',
  displayName: 'Ada',
  metadata: { seat: 1 },
  moderator: false,
  handRaisedAt: null,
  joinedAt: 7,
  connection: 'good',
} as const;
const microphone = {
  publicationId: 'm1',
  participantId: 'p1',
  source: 'microphone',
  kind: 'audio',
  muted: true,
  codec: 'opus',
  spatialLayers: 1,
  metadata: {},
} as const;

test('a page is what the server says, with what each one publishes, and oneself marked', async () => {
  const asked: unknown[] = [];
  const request = async (...args: unknown[]) => {
    asked.push(args);
    const participants = [info, { ...info, participantId: 'p2', identity: 'bob', handRaisedAt: 9 }];
    return { participants, publications: [microphone], total: 150, next: 'cursor' };
  };
  const page = await fetchPage({ request: request as Session['request'] }, { query: 'a', limit: 2 }, 'p2');
  expect(asked).toEqual([['listParticipants', { query: 'a', limit: 2 }]]);
  const { publicationId, source, kind, muted, metadata } = microphone;
  const { handRaisedAt: _, ...same } = info;
  expect(page).toEqual({
    participants: [
      { ...same, isLocal: false, publications: [{ publicationId, source, kind, muted, metadata }] },
      { ...same, participantId: 'p2', identity: 'bob', handRaisedAt: 9, isLocal: true, publications: [] },
    ],
    total: 150,
    next: 'cursor',
  });
});
