import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DataLink, type DataMessage, type DataPipe } from '../../../src/client/DataLink.ts';
import {
  clientFrameCodec,
  type DataKind,
  DeliveryError,
  PlenumError,
  senderWindowBytes,
  serverFrameCodec,
  takenBytes,
  takenMs,
} from '../../../src/protocol/index.ts';

/** A link whose server is the test. */
class Bench {
  readonly sent: { kind: DataKind; name: string; messageId: number; bytes: number; taken: number | undefined }[] = [];
  readonly heard: DataMessage[] = [];
  readonly errors: PlenumError[] = [];
  missed = 0;
  buffered = 0;
  readonly pipe: DataPipe = {
    buffered: () => this.buffered,
    send: (kind, bytes) => {
      const { name, messageId, header } = clientFrameCodec.parse(bytes);
      const taken = 'bytes' in header ? header.bytes : undefined;
      this.sent.push({ kind, name, messageId, bytes: bytes.byteLength, taken });
    },
  };
  readonly link = new DataLink(this.pipe, {
    message: (message) => void this.heard.push(message),
    missed: (messages) => {
      this.missed += messages;
    },
    error: (error) => void this.errors.push(error),
  });

  get messages() {
    return this.sent.filter(({ name }) => name === 'message');
  }

  get taken() {
    return this.sent.flatMap(({ taken }) => (taken === undefined ? [] : [taken]));
  }

  settle(...messageIds: number[]): void {
    this.link.receive('reliable', serverFrameCodec.encode('settled', 0, { messageIds }));
  }

  hear(bytes: number, kind: DataKind = 'reliable'): void {
    const header = { participantId: 'p', identity: 'ada' };
    this.link.receive(kind, serverFrameCodec.encode('message', 0, header, new Uint8Array(bytes)));
  }
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof PlenumError ? error.code : error;
  }
}

describe('sending', () => {
  test('a message is sent at once, and resolves when it is settled', async () => {
    const bench = new Bench();
    let resolved = false;
    const sending = bench.link.send('reliable', {}, new Uint8Array(3)).then(() => {
      resolved = true;
    });
    await Promise.resolve();
    expect([bench.messages.length, resolved]).toEqual([1, false]);
    bench.settle(1);
    await sending;
    expect(resolved).toBe(true);
  });

  test('no more than a window is under way; what is settled makes room, in order', async () => {
    const bench = new Bench();
    const sending = Array.from({ length: 8 }, () => bench.link.send('reliable', {}, new Uint8Array(60_000)));
    expect(bench.messages.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(senderWindowBytes);
    expect(bench.messages).toHaveLength(4);
    let ready = false;
    const waiting = bench.link.ready().then(() => {
      ready = true;
    });
    bench.settle(1, 2, 3);
    await Promise.resolve();
    expect([bench.messages.length, ready]).toEqual([7, false]);
    bench.settle(4, 5, 6, 7);
    await waiting;
    bench.settle(8);
    await Promise.all(sending);
    expect(bench.messages.map(({ messageId }) => messageId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('what is refused rejects with the code, and those who did not get it', async () => {
    const bench = new Bench();
    const first = bench.link.send('reliable', { to: ['bob'] }, new Uint8Array(1));
    const second = bench.link.send('reliable', {}, new Uint8Array(1));
    const refusal = { code: 'not-delivered', message: 'no', recipients: ['bob'] } as const;
    bench.link.receive(
      'reliable',
      serverFrameCodec.encode('refused', 0, { ...refusal, messageIds: [1], recipients: ['bob'] }),
    );
    bench.link.receive(
      'reliable',
      serverFrameCodec.encode('refused', 0, { code: 'forbidden', message: 'no', messageIds: [2] }),
    );
    await expect(first).rejects.toMatchObject({ code: 'not-delivered', recipients: ['bob'] });
    await expect(first).rejects.toBeInstanceOf(DeliveryError);
    expect(await codeOf(second)).toBe('forbidden');
    expect(bench.errors).toEqual([]);
  });

  test('a page that sends without waiting is told at some point', async () => {
    const bench = new Bench();
    const results = Array.from({ length: 200 }, () => codeOf(bench.link.send('reliable', {}, new Uint8Array(60_000))));
    bench.link.close(new PlenumError('disconnected', 'gone'));
    const codes = await Promise.all(results);
    expect(codes.filter((code) => code === 'rate-limited').length).toBeGreaterThan(50);
    expect(codes.filter((code) => code === 'disconnected').length).toBeGreaterThan(100);
  });

  test('when the visit ends, all that waits is told, and nothing can be sent any more', async () => {
    const bench = new Bench();
    const sending = bench.link.send('reliable', {}, new Uint8Array(1));
    const ready = bench.link.ready();
    bench.link.close(new PlenumError('disconnected', 'gone'));
    bench.link.close(new PlenumError('aborted', 'again'));
    expect(await codeOf(sending)).toBe('disconnected');
    expect(await codeOf(ready)).toBe('none');
    expect(await codeOf(bench.link.send('lossy', {}, new Uint8Array(1)))).toBe('disconnected');
  });

  test('lossy messages are given to the browser, and dropped while it holds many', async () => {
    const bench = new Bench();
    await bench.link.send('lossy', {}, new Uint8Array(1));
    bench.buffered = 100_000;
    await bench.link.send('lossy', {}, new Uint8Array(1));
    expect(bench.messages.map(({ kind }) => kind)).toEqual(['lossy']);
  });

  test('a refused lossy message is reported', () => {
    const bench = new Bench();
    bench.link.receive(
      'reliable',
      serverFrameCodec.encode('refused', 0, { code: 'rate-limited', message: 'slow down', messageIds: [9] }),
    );
    expect(bench.errors).toMatchObject([{ code: 'rate-limited' }]);
  });
});

describe('receiving', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('says that it is there, and what it has taken: after some bytes, or some time', () => {
    const bench = new Bench();
    expect(bench.taken).toEqual([0]);
    bench.hear(100);
    expect(bench.taken).toEqual([0]);
    vi.advanceTimersByTime(takenMs);
    const [, small] = bench.taken;
    expect(small).toBeGreaterThan(100);
    bench.hear(takenBytes);
    expect(bench.taken).toHaveLength(3);
    vi.advanceTimersByTime(takenMs);
    expect(bench.taken).toHaveLength(3);
  });

  test('lossy messages give no credit', () => {
    const bench = new Bench();
    bench.hear(takenBytes, 'lossy');
    vi.advanceTimersByTime(takenMs);
    expect(bench.taken).toEqual([0]);
    expect(bench.heard.map(({ reliable }) => reliable)).toEqual([false]);
  });

  test('hears what it has missed, and is not upset by noise', () => {
    const bench = new Bench();
    bench.link.receive('reliable', serverFrameCodec.encode('missed', 0, { messages: 3 }));
    bench.link.receive('reliable', new Uint8Array([7, 7]));
    expect(bench.missed).toBe(3);
    expect(bench.errors).toMatchObject([{ code: 'bad-request' }]);
  });

  test('nothing happens after the end', () => {
    const bench = new Bench();
    bench.hear(100);
    bench.link.close(new PlenumError('disconnected', 'gone'));
    bench.hear(takenBytes);
    vi.advanceTimersByTime(takenMs);
    expect(bench.taken).toEqual([0]);
    expect(bench.heard).toHaveLength(1);
  });
});

describe('channels that go with a worker', () => {
  const lost = new PlenumError('disconnected', 'The media connection was lost; the message may have arrived.');

  test('what was sent fails, what waits goes on, and the server hears how much was taken', async () => {
    const bench = new Bench();
    const half = senderWindowBytes / 2;
    const sent = bench.link.send('reliable', {}, new Uint8Array(half));
    const waits = bench.link.send('reliable', {}, new Uint8Array(half + 1));
    bench.hear(100);
    expect(bench.messages).toHaveLength(1);
    bench.link.interrupt(lost);
    expect(await codeOf(sent)).toBe('disconnected');
    const whileGone = bench.link.send('reliable', {}, new Uint8Array(1));
    await bench.link.send('lossy', {}, new Uint8Array(1));
    expect(bench.messages).toHaveLength(1);
    bench.link.reopen(bench.pipe);
    expect(bench.taken.at(-1)).toBeGreaterThan(100);
    const again = bench.messages.slice(1);
    expect(again.map(({ messageId }) => messageId)).toEqual([2, 3]);
    bench.settle(1, 2, 3);
    expect(await codeOf(waits)).toBe('none');
    expect(await codeOf(whileGone)).toBe('none');
    expect(bench.errors).toEqual([]);
  });
});
