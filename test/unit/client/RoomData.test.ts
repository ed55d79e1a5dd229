import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DataPipe } from '../../../src/client/DataLink.ts';
import type { DataChannelListener } from '../../../src/client/dataChannels.ts';
import { Hub } from '../../../src/client/Hub.ts';
import { RemoteParticipant } from '../../../src/client/RemoteParticipant.ts';
import { RoomData } from '../../../src/client/RoomData.ts';
import type { Roster } from '../../../src/client/Roster.ts';
import type { Session } from '../../../src/client/Session.ts';
import { clientFrameCodec, PlenumError, serverFrameCodec } from '../../../src/protocol/index.ts';

const bob = new RemoteParticipant({
  participantId: 'p-bob',
  identity: 'bob',
  displayName: 'Bob',
  metadata: {},
  moderator: false,
  handRaisedAt: null,
  joinedAt: 0,
  connection: 'good',
});

/** One visit after another, whose channels the test opens and closes. */
class Visits {
  readonly hub = new Hub();
  readonly errors: PlenumError[] = [];
  readonly data: RoomData;
  readonly sent: ReturnType<typeof clientFrameCodec.parse>[] = [];
  listener: DataChannelListener | undefined;
  abandoned: PlenumError | undefined;
  readonly #pipe: DataPipe = {
    buffered: () => 0,
    send: (_, frame) => void this.sent.push(clientFrameCodec.parse(frame)),
  };

  constructor() {
    const roster = { participants: new Map([[bob.participantId, bob]]) };
    this.data = new RoomData(this.hub, roster as unknown as Roster);
    this.hub.on('error', (error) => void this.errors.push(error));
  }

  async begin(): Promise<void> {
    const session = {
      welcome: { limits: { maxDataBytes: 1000, maxFileBytes: 1_000_000 } },
      link: {
        openDataChannels: async (listener: DataChannelListener) => {
          this.listener = listener;
        },
      },
      abandon: (error: PlenumError) => {
        this.abandoned = error;
      },
    };
    await this.data.attach(session as unknown as Session)();
  }

  open(): void {
    this.listener?.opened(this.#pipe);
  }

  hear(bytes: Uint8Array): void {
    this.listener?.received('reliable', bytes);
  }

  get messages() {
    return this.sent.filter(({ name }) => name === 'message');
  }
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof PlenumError ? error.code : error),
  );
}

let visits: Visits;

beforeEach(() => {
  vi.useFakeTimers();
  visits = new Visits();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('while the channels are not open', () => {
  test('messages wait, and go in their order', async () => {
    await visits.begin();
    const results = [1, 2, 3].map((value) => codeOf(visits.data.send(new Uint8Array([value]), {})));
    expect(visits.messages).toEqual([]);
    visits.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(visits.messages.map(({ payload }) => payload[0])).toEqual([1, 2, 3]);
    visits.hear(serverFrameCodec.encode('settled', 0, { messageIds: [1, 2, 3] }));
    expect(await Promise.all(results)).toEqual(['ok', 'ok', 'ok']);
  });

  test('not for ever', async () => {
    await visits.begin();
    const result = codeOf(visits.data.send(new Uint8Array(1), {}));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await result).toBe('timeout');
  });

  test('nor when the visit ends', async () => {
    await visits.begin();
    const result = codeOf(visits.data.send(new Uint8Array(1), {}));
    await vi.advanceTimersByTimeAsync(0);
    visits.data.detach(new PlenumError('disconnected', 'gone'));
    expect(await result).toBe('disconnected');
    expect(await codeOf(visits.data.send(new Uint8Array(1), {}))).toBe('disconnected');
    // Channels that open after that are nobody's.
    visits.open();
    expect(visits.sent).toEqual([]);
  });
});

test('what the caller does with its bytes afterwards changes nothing', async () => {
  await visits.begin();
  const content = new Uint8Array([1]);
  const result = codeOf(visits.data.send(content, {}));
  content[0] = 9;
  visits.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(visits.messages[0]?.payload[0]).toBe(1);
  visits.data.detach(new PlenumError('disconnected', 'gone'));
  await result;
});

test('a message that comes before its sender is known is told with its name', async () => {
  const heard: unknown[] = [];
  visits.hub.on('dataReceived', (message) => heard.push(message));
  await visits.begin();
  visits.open();
  for (const participantId of ['p-bob', 'p-eve']) {
    const header = { participantId, identity: participantId.slice(2) };
    visits.hear(serverFrameCodec.encode('message', 0, header, new Uint8Array([5])));
  }
  const common = { bytes: new Uint8Array([5]), topic: '', reliable: true };
  expect(heard).toEqual([
    { ...common, participant: bob, participantId: 'p-bob', identity: 'bob' },
    { ...common, participant: undefined, participantId: 'p-eve', identity: 'eve' },
  ]);
});

test('what was missed is an error; refused lossy messages are one a second', async () => {
  await visits.begin();
  visits.open();
  visits.hear(serverFrameCodec.encode('missed', 0, { messages: 4 }));
  for (let times = 0; times < 5; times += 1) {
    visits.hear(serverFrameCodec.encode('refused', 0, { messageIds: [99], code: 'rate-limited', message: 'too much' }));
  }
  expect(visits.errors.map(({ code }) => code)).toEqual(['not-delivered', 'rate-limited']);
  expect(visits.errors[0]?.message).toContain('4 messages');
});

describe('channels that close', () => {
  const closed = new PlenumError('disconnected', 'the channels were closed');

  test('with the visit: nothing more happens', async () => {
    await visits.begin();
    visits.open();
    const result = codeOf(visits.data.send(new Uint8Array(1), {}));
    await vi.advanceTimersByTimeAsync(0);
    visits.listener?.closed(closed);
    expect(await result).toBe('disconnected');
    visits.data.detach(new PlenumError('disconnected', 'gone'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([visits.abandoned, visits.errors]).toEqual([undefined, []]);
  });

  test('without it: another visit is begun', async () => {
    await visits.begin();
    visits.open();
    visits.listener?.closed(closed);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(visits.abandoned).toBe(closed);
  });
});

describe('files', () => {
  const file = new Blob(['x']);

  test('go on while their recipient is hidden in a large room, and end when it leaves', async () => {
    await visits.begin();
    visits.open();
    const transfer = visits.data.sendFile(file, {});
    expect(transfer.recipients.map(({ name }) => name)).toEqual(['p-bob']);
    visits.hub.emit('participantLeft', bob, 'hidden');
    expect(transfer.state).toBe('offered');
    visits.hub.emit('participantLeft', bob, 'left');
    expect(await codeOf(transfer.done)).toBe('closed');
  });

  test('each recipient once, however often it is named', async () => {
    await visits.begin();
    const transfer = visits.data.sendFile(file, { to: ['p-bob', 'p-bob'] });
    expect(transfer.recipients).toHaveLength(1);
  });

  test('end with the visit, and cannot be offered without one', async () => {
    await visits.begin();
    const transfer = visits.data.sendFile(file, { to: 'p-bob' });
    visits.data.detach(new PlenumError('disconnected', 'gone'));
    expect(await codeOf(transfer.done)).toBe('disconnected');
    expect(() => visits.data.sendFile(file, { to: 'p-bob' })).toThrow(
      expect.objectContaining({ code: 'disconnected' }),
    );
  });
});
