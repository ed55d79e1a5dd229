import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FileTransfer } from '../../../src/client/FileTransfer.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { type FileParty, FileWorld } from '../../support/FileWorld.ts';
import { failureOf, hashOf, limits, noise, sending, sha256, slowSink } from '../../support/fileSending.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('how it ends otherwise', () => {
  const content = new Blob([noise(3_000_000)]);
  const inTheMiddle = (transfer: FileTransfer) => waitFor('the middle', () => transfer.received > 100_000);

  test('the recipient declines', async () => {
    const { offer, transfer } = await sending(content);
    offer.decline();
    expect(await failureOf(transfer.done)).toBe('declined');
    expect([transfer.state, offer.state]).toEqual(['failed', 'declined']);
    expect(await failureOf(offer.accept())).toBe('wrong-phase');
  });

  test('the sender cancels before an answer, or in the middle', async () => {
    for (const answered of [false, true]) {
      const { offer, transfer } = await sending(content);
      const accepted = answered ? offer.accept() : offer.done;
      if (answered) await inTheMiddle(transfer);
      transfer.cancel();
      expect(await failureOf(transfer.done)).toBe('cancelled');
      expect(await failureOf(accepted)).toBe('cancelled');
      expect([transfer.state, offer.state]).toEqual(['cancelled', 'cancelled']);
    }
  });

  test('the recipient cancels in the middle: its stream is aborted, the others go on', async () => {
    const { offers, transfer } = await sending(content, ['bob', 'cyd']);
    const [bob, cyd] = offers;
    if (!bob || !cyd) throw new Error('nobody');
    let aborted = false;
    const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
      abort: () => {
        aborted = true;
      },
    });
    const ends = [failureOf(bob.accept(sink)), cyd.accept().then(hashOf)];
    await inTheMiddle(transfer);
    bob.cancel();
    expect(await Promise.all(ends)).toEqual(['cancelled', sha256(noise(3_000_000))]);
    const { received, failed } = await transfer.done;
    expect([received[0]?.name, failed[0]?.name, failed[0]?.error?.code]).toEqual(['cyd', 'bob', 'cancelled']);
    expect(aborted).toBe(true);
  });

  test('the recipient leaves', async () => {
    const { world, bob, offer, transfer } = await sending(content);
    offer.accept().catch(() => undefined);
    await inTheMiddle(transfer);
    world.leave(bob);
    expect(await failureOf(transfer.done)).toBe('closed');
  });

  test('one recipient leaves without anybody being told: the server says so, and the others get all', async () => {
    const { world, others, offers, transfer } = await sending(content, ['bob', 'cyd']);
    const [, cyd] = offers;
    const hash = cyd?.accept().then(hashOf);
    offers[0]?.accept().catch(() => undefined);
    await inTheMiddle(transfer);
    const [bob] = others;
    if (bob) vi.spyOn(bob.files, 'left');
    for (const party of others) party.files.left = () => undefined;
    if (bob) world.leave(bob);
    expect(await hash).toBe(sha256(noise(3_000_000)));
    const { received, failed } = await transfer.done;
    expect(received).toMatchObject([{ name: 'cyd' }]);
    expect(failed).toMatchObject([{ name: 'bob', error: { code: 'closed' } }]);
  });

  test('the sender leaves', async () => {
    const { world, ada, offer, transfer } = await sending(content);
    const accepted = offer.accept();
    await inTheMiddle(transfer);
    world.leave(ada);
    expect(await failureOf(accepted)).toBe('closed');
    expect(offer.state).toBe('failed');
  });

  test('the connection breaks: both sides are told', async () => {
    const { ada, bob, offer, transfer } = await sending(content);
    const accepted = offer.accept();
    await inTheMiddle(transfer);
    ada.files.close(new PlenumError('disconnected', 'the connection was lost'));
    bob.files.close(new PlenumError('disconnected', 'the connection was lost'));
    expect(await failureOf(transfer.done)).toBe('disconnected');
    expect(await failureOf(accepted)).toBe('disconnected');
  });

  test.each<[string, FileParty['tamper']]>([
    [
      'a changed byte',
      (part, payload) => {
        if (part.type !== 'chunk' || part.offset !== 16_384 * 3) return { part, payload };
        const changed = payload.slice();
        changed[5] = (changed[5] ?? 0) ^ 1;
        return { part, payload: changed };
      },
    ],
    [
      'a piece that is missing',
      (part, payload) => (part.type === 'chunk' && part.offset === 16_384 ? undefined : { part, payload }),
    ],
    [
      'a piece too many',
      (part, payload) =>
        part.type === 'end'
          ? { part: { type: 'chunk', fileId: part.fileId, offset: 3_000_000 }, payload: new Uint8Array(1) }
          : { part, payload },
    ],
    [
      'an end too early',
      (part, payload) =>
        part.type === 'chunk' && part.offset > 500_000
          ? { part: { type: 'end', fileId: part.fileId, sha256: '0'.repeat(64) }, payload: new Uint8Array() }
          : { part, payload },
    ],
  ])('%s: the file is damaged, and nobody takes it for whole', async (_, tamper) => {
    const { ada, offer, transfer } = await sending(content);
    ada.tamper = tamper;
    let closed = false;
    const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
      close: () => {
        closed = true;
      },
    });
    expect(await failureOf(offer.accept(sink))).toBe('damaged');
    expect(await failureOf(transfer.done)).toBe('damaged');
    expect(closed).toBe(false);
  });

  test('a stream that fails ends it with its error', async () => {
    const { offer, transfer } = await sending(content);
    const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
      write: () => {
        throw new Error('the disk is full');
      },
    });
    await expect(offer.accept(sink)).rejects.toThrow('the disk is full');
    expect(await failureOf(transfer.done)).toBe('internal');
  });

  test('a file that cannot be read any more', async () => {
    const file = new Blob([noise(1000)]);
    vi.spyOn(file, 'slice').mockImplementation(() => {
      throw new Error('it was changed');
    });
    const { offer, transfer } = await sending(file);
    expect(await failureOf(offer.accept())).toBe('internal');
    await expect(transfer.done).rejects.toThrow('it was changed');
  });

  test('nobody is there, nothing to send, or too much', async () => {
    const ada = new FileWorld().join('ada');
    const offer =
      (file: Blob, to: string[], most = limits) =>
      () =>
        ada.files.offer(file, to, most);
    expect(offer(new Blob(['x']), [])).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(offer(Object.create(null), ['bob'])).toThrow(expect.objectContaining({ code: 'bad-request' }));
    const small = { ...limits, maxFileBytes: 10 };
    expect(offer(new Blob(['12345678901']), ['bob'], small)).toThrow(
      expect.objectContaining({ code: 'message-too-large' }),
    );
    expect(offer(new Blob([]), ['bob'], { ...limits, maxFileBytes: 0 })).toThrow(/0 bytes/);
    expect(await failureOf(ada.files.offer(new Blob(['x']), ['nobody'], limits).done)).toBe('not-found');
  });

  test('more offers than a page can show are declined by themselves', async () => {
    const world = new FileWorld();
    const ada = world.join('ada');
    const bob = world.join('bob');
    const transfers = Array.from({ length: 103 }, () => ada.files.offer(new Blob(['x']), ['bob'], limits));
    const codes = await Promise.all(transfers.slice(100).map(({ done }) => failureOf(done)));
    expect(codes).toEqual(['declined', 'declined', 'declined']);
    expect(bob.offers).toHaveLength(100);
  });

  test('strangers have no say in a transfer', async () => {
    const { world, ada, offer, transfer } = await sending(content);
    const eve = { participantId: 'eve', identity: 'eve' };
    world.join('eve');
    const { fileId } = transfer;
    for (const part of [
      { type: 'cancel', fileId, reason: 'cancelled' },
      { type: 'complete', fileId },
      { type: 'decline', fileId },
    ] as const) {
      ada.files.receive(eve, part, new Uint8Array());
    }
    expect(transfer.state).toBe('offered');
    expect(await hashOf(await offer.accept())).toBe(sha256(noise(3_000_000)));
    await transfer.done;
  });
});

describe('patience', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a side that says nothing for half a minute has failed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = new FileWorld();
    const ada = world.join('ada');
    const bob = world.join('bob');
    ada.tamper = (part, payload) => (part.type === 'chunk' ? undefined : { part, payload });
    const transfer = ada.files.offer(new Blob([noise(100)]), ['bob'], limits);
    for (let times = 0; times < 20; times += 1) await new Promise(setImmediate);
    const [offer] = bob.offers;
    const accepted = offer?.accept();
    ada.tamper = () => undefined;
    for (let times = 0; times < 20; times += 1) await new Promise(setImmediate);
    const ends = Promise.all([failureOf(accepted ?? Promise.resolve()), failureOf(transfer.done)]);
    vi.advanceTimersByTime(31_000);
    expect(await ends).toEqual(['timeout', 'timeout']);
  });

  test('one who takes nothing any more does not take the others along', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const content = noise(3_000_000);
    const world = new FileWorld();
    const ada = world.join('ada');
    const [bob, cyd] = [world.join('bob'), world.join('cyd')];
    const transfer = ada.files.offer(new Blob([content]), ['bob', 'cyd'], limits);
    const turns = async (count: number) => {
      for (let times = 0; times < count; times += 1) await new Promise(setImmediate);
    };
    await turns(20);
    const stuck = failureOf(bob.offers[0]?.accept(slowSink().stream) ?? Promise.resolve());
    const whole = cyd.offers[0]?.accept().then(hashOf, (error: unknown) => error);
    await turns(500);
    expect(transfer.recipients.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    for (let seconds = 0; seconds < 31; seconds += 1) {
      vi.advanceTimersByTime(1000);
      await turns(20);
    }
    await turns(500);
    expect(await stuck).not.toBe('none');
    expect(await whole).toBe(sha256(content));
    expect((await transfer.done).failed.map(({ name }) => name)).toEqual(['bob']);
  });
});
