import { describe, expect, test } from 'vitest';
import type { ChatMessage, RtpCapabilities } from '../../../src/protocol/index.ts';
import { ChatHistory } from '../../../src/room/ChatHistory.ts';
import { CommonVideoCodecs } from '../../../src/room/codecs.ts';
import { publicationQuality } from '../../../src/room/quality.ts';
import { statusOf } from '../../../src/room/subscriptionStatus.ts';
import { fakeCapabilities } from '../../support/fakeMedia.ts';

describe('the codecs that all can decode', () => {
  const commonVideoCodecs = (everybody: RtpCapabilities[]) => {
    const common = new CommonVideoCodecs();
    for (const capabilities of everybody) common.add(capabilities);
    return common.list;
  };

  test('in the server\u2019s order, whatever the order of the browsers', () => {
    expect(commonVideoCodecs([fakeCapabilities(['AV1', 'VP9', 'VP8']), fakeCapabilities()])).toEqual([
      'vp8',
      'vp9',
      'av1',
    ]);
    expect(commonVideoCodecs([fakeCapabilities(['VP8', 'H264']), fakeCapabilities(['VP8', 'VP9'])])).toEqual(['vp8']);
  });

  test('all of them in an empty room, VP8 in any', () => {
    expect(commonVideoCodecs([])).toEqual(['vp8', 'vp9', 'h264', 'av1']);
    const none: RtpCapabilities[] = [{}, { codecs: [] }, fakeCapabilities(['H264'])];
    for (const capabilities of none) expect(commonVideoCodecs([capabilities])[0]).toBe('vp8');
  });

  test('however a browser spells them, and never the audio of that name', () => {
    const codec = { kind: 'video' as const, preferredPayloadType: 100, clockRate: 90_000 };
    expect(commonVideoCodecs([{ codecs: [{ ...codec, mimeType: 'Video/vP9' }] }])).toEqual(['vp8', 'vp9']);
    expect(commonVideoCodecs([{ codecs: [{ ...codec, kind: 'audio', mimeType: 'audio/AV1' }] }])).toEqual(['vp8']);
  });
});

test('who leaves takes no codec along, and one that nobody else lacked comes back', () => {
  const common = new CommonVideoCodecs();
  const plain = fakeCapabilities(['VP8']);
  common.add(fakeCapabilities(['VP8', 'AV1']));
  common.add(plain);
  expect(common.list).toEqual(['vp8']);
  common.remove(plain);
  expect(common.list).toEqual(['vp8', 'av1']);
});

describe('the quality of what somebody sends', () => {
  test.each([
    [[], 'good'],
    [[{ muted: false, score: undefined }], 'good'],
    [[{ muted: false, score: 10 }], 'good'],
    [[{ muted: false, score: 6 }], 'good'],
    [[{ muted: false, score: 5 }], 'poor'],
    [[{ muted: false, score: 1 }], 'poor'],
    [[{ muted: false, score: 0 }], 'good'],
    [[{ muted: true, score: 1 }], 'good'],
    [
      [
        { muted: false, score: 10 },
        { muted: false, score: 3 },
      ],
      'poor',
    ],
  ] as const)('of %j is %s', (publications, expected) => {
    expect(publicationQuality(publications)).toBe(expected);
  });
});

describe('the status of a subscription', () => {
  const layers = { spatialLayer: 1, temporalLayer: 2 };
  const flowing = { layers, producerSends: true };
  const short = { layers: undefined, producerSends: true };
  const silent = { layers: undefined, producerSends: false };

  test.each([
    ['video', false, flowing, { status: 'active', ...layers }],
    ['video', false, short, { status: 'bandwidth' }],
    ['video', false, silent, { status: 'inactive' }],
    ['video', true, flowing, { status: 'muted' }],
    ['video', true, silent, { status: 'muted' }],
    ['audio', false, silent, { status: 'active' }],
    ['audio', false, short, { status: 'active' }],
    ['audio', true, flowing, { status: 'muted' }],
  ] as const)('%s, muted: %s, %j', (kind, muted, state, expected) => {
    expect(statusOf({ kind, muted }, { state }, () => false, false)).toEqual(expected);
  });

  test('hidden before muted before held back, whatever flows', () => {
    const status = (muted: boolean, ...holds: string[]) =>
      statusOf({ kind: 'video', muted }, { state: flowing }, (reason) => holds.includes(reason), false).status;
    expect(status(true, 'hidden', 'bandwidth')).toBe('hidden');
    expect(status(true, 'bandwidth')).toBe('muted');
    expect(status(false, 'bandwidth')).toBe('bandwidth');
    expect(status(false, 'waiting')).toBe('active');
  });

  test('a picture that is on its way is no lack of bandwidth', () => {
    for (const state of [short, silent]) {
      expect(statusOf({ kind: 'video', muted: false }, { state }, () => false, true)).toEqual({ status: 'active' });
    }
  });

  test('nor is one for which the client is not ready yet', () => {
    for (const state of [short, silent]) {
      const isHeld = (reason: string) => reason === 'waiting';
      expect(statusOf({ kind: 'video', muted: false }, { state }, isHeld, false)).toEqual({ status: 'active' });
    }
  });
});

describe('the chat history', () => {
  const message = (chatId: string): ChatMessage => {
    return { chatId, participantId: 'p', identity: 'ada', displayName: 'Ada', text: chatId, sentAt: 0 };
  };
  const texts = (history: ChatHistory) => history.messages.map(({ text }) => text);

  test('keeps the newest, oldest first', () => {
    const history = new ChatHistory(2);
    for (const chatId of ['a', 'b', 'c']) history.add(message(chatId));
    expect(texts(history)).toEqual(['b', 'c']);
  });

  test('of no length keeps nothing', () => {
    const history = new ChatHistory(0);
    history.add(message('a'));
    expect(texts(history)).toEqual([]);
  });

  test('what was given out does not change any more', () => {
    const history = new ChatHistory(2);
    history.add(message('a'));
    const before = history.messages;
    history.add(message('b'));
    expect(before).toHaveLength(1);
  });
});
