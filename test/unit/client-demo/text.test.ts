import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUnread, groupChat } from '../../../client-demo/src/lib/chatGroups.ts';
import { hueOf, initialsOf } from '../../../client-demo/src/lib/displayName.ts';
import { splitLinks } from '../../../client-demo/src/lib/links.ts';
import { readPageParams } from '../../../client-demo/src/lib/pageParams.ts';
import { isRoomName, readRoomName, roomNameProblem, suggestRoomName } from '../../../client-demo/src/lib/roomName.ts';

describe('room names', () => {
  it('suggests only names that the server takes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        expect(suggestRoomName(() => random)).toMatch(/^[a-z]+-[a-z]+-[1-9][0-9]$/);
      }),
    );
  });

  it('says what is wrong, with a name that would do', () => {
    expect(roomNameProblem('calm-otter_42')).toBeUndefined();
    expect(roomNameProblem('')).toContain('Enter');
    expect(roomNameProblem('Café meeting!')).toContain('Cafe-meeting');
    expect(roomNameProblem('x'.repeat(65))).toContain('65');
    expect(roomNameProblem('???')).not.toContain('example');
  });

  it('reads a pasted link', () => {
    expect(readRoomName(' https://meet.example/r/calm-otter-42?name=Ada ')).toBe('calm-otter-42');
    expect(readRoomName('calm-otter-42')).toBe('calm-otter-42');
    expect(isRoomName(readRoomName('https://meet.example/other'))).toBe(false);
    expect(readRoomName('http://meet.example/r/%E0%A4%A')).toBe('%E0%A4%A');
  });
});

describe('display names', () => {
  it('has initials for every name', () => {
    expect(initialsOf('Ada Lovelace')).toBe('AL');
    expect(initialsOf('ada')).toBe('A');
    expect(initialsOf('émile de la Tour')).toBe('ÉT');
    expect(initialsOf('🙂')).toBe('?');
    expect(initialsOf('')).toBe('?');
  });

  it('gives a hue between 0 and 359', () => {
    fc.assert(fc.property(fc.string(), (text) => hueOf(text) >= 0 && hueOf(text) < 360));
  });
});

describe('page parameters', () => {
  it('joins only when asked to, and uses devices unless told not to', () => {
    expect(readPageParams('')).toEqual({ name: undefined, join: false, video: true, audio: true });
    expect(readPageParams('?name=Ada&join=1&video=0&audio=false')).toEqual({
      name: 'Ada',
      join: true,
      video: false,
      audio: false,
    });
  });
});

describe('splitLinks', () => {
  it('finds web addresses and leaves the punctuation after them', () => {
    expect(splitLinks('See https://example.org/a?b=1, or (http://example.org).')).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'link', url: 'https://example.org/a?b=1' },
      { kind: 'text', text: ', or (' },
      { kind: 'link', url: 'http://example.org' },
      { kind: 'text', text: ').' },
    ]);
  });

  it('never makes a link of anything but http and https', () => {
    expect(splitLinks('javascript:alert(1) data:text/html,x')).toEqual([
      { kind: 'text', text: 'javascript:alert(1) data:text/html,x' },
    ]);
  });

  it('loses no character', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('https://', 'http://example.org/x.', ' ', '<b>', 'HTTPS://[::1]/'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const parts = splitLinks(text).map((part) => (part.kind === 'link' ? part.url : part.text));
        expect(parts.join('')).toBe(text);
      }),
    );
  });
});

describe('chat', () => {
  const entry = (chatId: string, identity: string, sentAt: number) => ({
    chatId,
    participantId: identity,
    identity,
    displayName: identity,
    text: chatId,
    sentAt,
  });
  const chat = [entry('1', 'ada', 0), entry('2', 'ada', 1_000), entry('3', 'bob', 2_000), entry('4', 'bob', 900_000)];

  it('puts what one person says in one go under one name', () => {
    expect(groupChat(chat).map((group) => group.messages.map((message) => message.chatId))).toEqual([
      ['1', '2'],
      ['3'],
      ['4'],
    ]);
  });

  it('counts what others said after the last message that was read', () => {
    expect(countUnread(chat, '2', 'ada')).toBe(2);
    expect(countUnread(chat, '2', 'bob')).toBe(0);
    expect(countUnread(chat, undefined, 'ada')).toBe(2);
    expect(countUnread(chat, '4', 'ada')).toBe(0);
  });
});
