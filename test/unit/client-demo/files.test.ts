import { describe, expect, it } from 'vitest';
import { offeredText, percentOf, reasonText, sentText, sizeText } from '../../../client-demo/src/lib/fileTexts.ts';
import { timelineOf } from '../../../client-demo/src/lib/timeline.ts';
import { type FileRecipient, PlenumError } from '../../../src/client/index.ts';

const recipient = (state: FileRecipient['state'], code?: 'declined' | 'closed'): FileRecipient => ({
  name: 'x',
  state,
  received: 0,
  error: code && new PlenumError(code, ''),
});

describe('the words for a file', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1500, '1.5 kB'],
    [15_400, '15 kB'],
    [1_073_741_824, '1.1 GB'],
    [5e13, '50000 GB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it('show 100 % only at the end', () => {
    expect([percentOf(0, 10), percentOf(999, 1000), percentOf(10, 10), percentOf(0, 0)]).toEqual([0, 99, 100, 100]);
  });

  it('tell what became of it for whom', () => {
    expect(sentText('offered', [recipient('asked'), recipient('asked')], 0)).toBe('Offered to 2 people');
    expect(sentText('sending', [recipient('accepted'), recipient('asked')], 45)).toBe('Sending to 1 person: 45 %');
    expect(sentText('done', [recipient('done'), recipient('failed', 'declined')], 100)).toBe(
      'Received by 1 person; 1 declined',
    );
    expect(sentText('failed', [recipient('failed', 'closed')], 0)).toBe('Not sent: left the meeting');
    expect(sentText('failed', [recipient('failed', 'closed'), recipient('failed', 'declined')], 0)).toBe(
      'Nobody got it: did not get it',
    );
    expect(sentText('cancelled', [recipient('done'), recipient('failed')], 0)).toBe(
      'Cancelled; 1 person had it already',
    );
    expect(offeredText('failed', 'damaged', 50)).toBe('Not received: damaged on the way');
    expect(reasonText('something-new')).toBe('did not work');
  });
});

describe('the order of messages and files', () => {
  const message = (chatId: string, identity = 'ada') => ({
    chatId,
    identity,
    participantId: identity,
    displayName: identity,
    text: chatId,
    sentAt: 0,
  });
  const text = (items: ReturnType<typeof timelineOf<{ id: string; afterChat: string | undefined }>>) =>
    items.map((item) =>
      item.kind === 'file' ? item.file.id : item.group.messages.map(({ chatId }) => chatId).join('+'),
    );

  it('is that in which they came', () => {
    const files = [
      { id: 'F', afterChat: undefined },
      { id: 'G', afterChat: 'b' },
      { id: 'H', afterChat: 'gone' },
      { id: 'I', afterChat: 'c' },
    ];
    expect(text(timelineOf([message('a'), message('b'), message('c')], files))).toEqual([
      'F',
      'H',
      'a+b',
      'G',
      'c',
      'I',
    ]);
    expect(text(timelineOf([], files.slice(0, 1)))).toEqual(['F']);
    expect(text(timelineOf([message('a'), message('b', 'bob')], []))).toEqual(['a', 'b']);
  });
});
