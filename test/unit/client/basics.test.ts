import { afterEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../../../src/client/backoff.ts';
import { ChatLog } from '../../../src/client/ChatLog.ts';
import { parseFingerprints } from '../../../src/client/certificate.ts';
import { Emitter } from '../../../src/client/Emitter.ts';
import { mayPass, toDeviceError, toPlenumError } from '../../../src/client/errors.ts';
import { Hub } from '../../../src/client/Hub.ts';
import { makeId } from '../../../src/client/ids.ts';
import { loudness } from '../../../src/client/loudness.ts';
import { Serial } from '../../../src/client/Serial.ts';
import { PlenumError, shapes } from '../../../src/protocol/index.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('errors', () => {
  it.each([
    ['NotAllowedError', 'permission-denied'],
    ['SecurityError', 'permission-denied'],
    ['NotFoundError', 'device-not-found'],
    ['OverconstrainedError', 'device-not-found'],
    ['NotReadableError', 'device-in-use'],
    ['TypeError', 'internal'],
  ])('%s of a device is %s', (name, code) => {
    const cause = new DOMException('why', name);
    expect(toDeviceError(cause, 'camera')).toMatchObject({ name: 'PlenumError', code, cause });
  });

  it('keep their code, and get one where they have none', () => {
    const known = new PlenumError('room-full', 'full');
    expect(toPlenumError(known, 'internal')).toBe(known);
    expect(toDeviceError(known, 'camera')).toBe(known);
    expect(toPlenumError(new Error('x'), 'disconnected')).toMatchObject({ code: 'disconnected', message: 'x' });
    expect(toPlenumError('text')).toMatchObject({ code: 'internal', message: 'text' });
  });

  it('say whether another try makes sense', () => {
    expect(mayPass(new PlenumError('disconnected', ''))).toBe(true);
    expect(mayPass(new PlenumError('draining', ''))).toBe(true);
    expect(mayPass(new PlenumError('server-busy', ''))).toBe(true);
    expect(mayPass(new PlenumError('unauthorized', ''))).toBe(false);
    expect(mayPass(new PlenumError('unsupported', ''))).toBe(false);
  });
});

describe('events', () => {
  it('reach the other listeners when one throws', () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const emitter = new Emitter<{ ping: [number] }>();
    const heard: number[] = [];
    emitter.on('ping', () => {
      throw new Error('mine');
    });
    const stop = emitter.on('ping', (n) => heard.push(n));
    emitter.once('ping', (n) => heard.push(n * 10));
    emitter.emit('ping', 1);
    emitter.emit('ping', 2);
    stop();
    emitter.emit('ping', 3);
    expect(heard).toEqual([1, 10, 2]);
    expect(reported).toHaveLength(3);
  });

  it('are followed by one `changed` per batch', async () => {
    const hub = new Hub();
    let changes = 0;
    hub.on('changed', () => {
      changes += 1;
    });
    hub.emit('devicesChanged');
    hub.emit('audioBlocked');
    expect(changes).toBe(0);
    await Promise.resolve();
    expect(changes).toBe(1);
    hub.emit('audioStarted');
    await Promise.resolve();
    expect(changes).toBe(2);
  });
});

describe('small parts', () => {
  it('a queue keeps the order, also after a failure', async () => {
    const serial = new Serial();
    const done: string[] = [];
    const slow = serial.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push('slow');
    });
    const bad = serial.run(() => Promise.reject(new Error('bad')));
    const last = serial.run(async () => {
      done.push('last');
    });
    await expect(bad).rejects.toThrow('bad');
    await Promise.all([slow, last]);
    expect(done).toEqual(['slow', 'last']);
  });

  it('attempts to come back stay close at first, grow, and are jittered', () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      for (const random of [() => 0, () => 0.999]) {
        expect(backoffMs(attempt, 1000, random)).toBeLessThanOrEqual(1500);
        expect(backoffMs(attempt, 40_000, random)).toBeLessThanOrEqual(5000);
      }
    }
    expect(backoffMs(0, 0, () => 0)).toBe(125);
    expect(backoffMs(0, 0, () => 0.999)).toBe(250);
    expect(backoffMs(20, 0, () => 0)).toBe(750);
  });

  it('ids are as the protocol wants them', () => {
    const made = new Set(Array.from({ length: 100 }, makeId));
    expect(made.size).toBe(100);
    for (const id of made) expect(shapes.requestId.safeParse(id).success).toBe(true);
  });

  it('fingerprints are read from an offer, each once', () => {
    const sdp =
      'v=0\r\na=fingerprint:sha-256 AB:CD\r\nm=audio\r\na=fingerprint:sha-256 AB:CD\r\na=fingerprint:SHA-1 01:02\r\n';
    expect(parseFingerprints(sdp)).toEqual([
      { algorithm: 'sha-256', value: 'AB:CD' },
      { algorithm: 'sha-1', value: '01:02' },
    ]);
    expect(parseFingerprints('')).toEqual([]);
  });

  it('levels fit on a meter', () => {
    expect(loudness(0)).toBe(1);
    expect(loudness(-30)).toBeCloseTo(0.5);
    expect(loudness(-127)).toBe(0);
  });

  it('chat messages are kept once, in order, over reconnects', () => {
    const log = new ChatLog();
    const message = (chatId: string, sentAt: number) => ({
      chatId,
      participantId: 'p',
      identity: 'i',
      displayName: 'n',
      text: chatId,
      sentAt,
    });
    log.merge([message('a', 1), message('b', 2)]);
    expect(log.add(message('c', 3))).toBe(true);
    expect(log.add(message('c', 3))).toBe(false);
    log.merge([message('c', 3), message('b', 2), message('d', 4)]);
    expect(log.messages.map(({ chatId }) => chatId)).toEqual(['a', 'b', 'c', 'd']);
  });
});
