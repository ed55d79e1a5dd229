import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FileTransfer } from '../../../src/client/FileTransfer.ts';
import { safeFileName } from '../../../src/client/fileName.ts';
import type { IncomingFile } from '../../../src/client/IncomingFile.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { type FileParty, FileWorld } from '../../support/FileWorld.ts';
import { waitFor } from '../../support/waitFor.ts';

const limits = { maxDataBytes: 65_536, maxFileBytes: 100 * 1024 * 1024 };

function noise(bytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7919 + (index >> 8) * 31) & 0xff);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function hashOf(blob: Blob | undefined): Promise<string> {
  if (!blob) throw new Error('there is no file');
  return sha256(new Uint8Array(await blob.arrayBuffer()));
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PlenumError) return error.code;
    throw error;
  }
  return 'none';
}

async function offered(party: FileParty, index = 0): Promise<IncomingFile> {
  await waitFor('the offer', () => party.offers.length > index);
  const offer = party.offers[index];
  if (!offer) throw new Error('no offer');
  return offer;
}

/** Ada sends to the others; each has the offer. */
async function sending(content: Blob, names = ['bob']) {
  const world = new FileWorld();
  const ada = world.join('ada');
  const others = names.map((name) => world.join(name));
  const transfer = ada.files.offer(content, names, limits);
  const offers = await Promise.all(others.map((party) => offered(party)));
  const [bob] = others;
  const [offer] = offers;
  if (!bob || !offer) throw new Error('nobody to send to');
  return { world, ada, bob, others, transfer, offer, offers };
}

/** A stream that takes a piece when the test lets it. */
function slowSink() {
  const chunks: Uint8Array[] = [];
  let release: (() => void) | undefined;
  const state = { chunks, closed: false, aborted: false, next: () => release?.() };
  const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => {
      chunks.push(chunk);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    close: () => {
      state.closed = true;
    },
    abort: () => {
      state.aborted = true;
    },
  });
  return { stream, state };
}

describe('a file that is sent', () => {
  test.each([0, 1, 16_384, 16_385, 300_000, 3_000_000])('of %i bytes arrives whole', async (bytes) => {
    const content = noise(bytes);
    const file = new File([content], 'notes.txt', { type: 'text/plain' });
    const { transfer, offer } = await sending(file);
    expect(offer).toMatchObject({ name: 'notes.txt', type: 'text/plain', size: bytes, participantId: 'ada' });
    const states: string[] = [offer.state];
    offer.on('stateChanged', (state) => states.push(state));
    const blob = await offer.accept();
    expect(await hashOf(blob)).toBe(sha256(content));
    expect(blob?.type).toBe('text/plain');
    const { received, failed } = await transfer.done;
    expect(received).toMatchObject([{ name: 'bob', state: 'done', received: bytes }]);
    expect(failed).toEqual([]);
    expect([transfer.state, transfer.sent, transfer.received]).toEqual(['done', bytes, bytes]);
    expect(states).toEqual(['offered', 'receiving', 'done']);
  });

  test('of any size, to any number of people who accept, decline, cancel or leave: each is told how it ended', async () => {
    const behaviour = fc.constantFrom('accept', 'decline', 'cancel', 'leave', 'late');
    await fc.assert(
      fc.asyncProperty(fc.nat(400_000), fc.array(behaviour, { minLength: 1, maxLength: 4 }), async (bytes, people) => {
        const content = noise(bytes);
        const names = people.map((what, index) => `${what}-${index}`);
        const { world, others, offers, transfer } = await sending(new Blob([content]), names);
        const results = people.map(async (what, index) => {
          const offer = offers[index];
          const party = others[index];
          if (!offer || !party) throw new Error('nobody');
          if (what === 'decline') {
            offer.decline();
            return 'declined';
          }
          if (what === 'late') await transfer.done.catch(() => undefined);
          const accepted = offer.accept();
          if (what === 'cancel') offer.on('progress', () => offer.cancel());
          if (what === 'leave') world.leave(party);
          if (what === 'leave' || what === 'late') return what;
          try {
            return await hashOf(await accepted);
          } catch (error) {
            return error instanceof PlenumError ? error.code : error;
          }
        });
        // Who is late lets it be decided first; the sender gives up.
        if (people.includes('late')) transfer.cancel();
        const ends = await Promise.all(results);
        await transfer.done.catch(() => undefined);
        for (const [index, what] of people.entries()) {
          const recipient = transfer.recipients[index];
          if (what === 'accept' && recipient?.state === 'done') expect(ends[index]).toBe(sha256(content));
          if (what === 'decline') expect(['declined', 'cancelled']).toContain(recipient?.error?.code);
          if (what === 'leave') expect(recipient?.state).toBe('failed');
          if (!people.includes('late') && what === 'accept') expect(recipient?.state).toBe('done');
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('is sent once to those who accept together, and once more to who comes later', async () => {
    const { ada, offers, transfer } = await sending(new Blob([noise(200_000)]), ['bob', 'cyd', 'dan']);
    const [bob, cyd, dan] = offers;
    const both = [bob?.accept(), cyd?.accept()];
    // Dan has not answered yet: those who have do not wait for long.
    await Promise.all(both);
    const pieces = () => ada.sent.filter(({ type }) => type === 'chunk').length;
    const once = pieces();
    expect(once).toBe(Math.ceil(200_000 / 16_384) + Math.floor(200_000 / 262_144));
    expect(await hashOf(await dan?.accept())).toBe(sha256(noise(200_000)));
    expect(pieces()).toBe(2 * once);
    expect((await transfer.done).received).toHaveLength(3);
  });

  test('is never further ahead than a window of what the recipient has written', async () => {
    const bytes = 5_000_000;
    const { ada, offer, transfer } = await sending(new Blob([noise(bytes)]));
    const { stream, state } = slowSink();
    const accepted = offer.accept(stream);
    await waitFor('the window to be full', () => transfer.sent > 900_000);
    for (let times = 0; times < 50; times += 1) await new Promise(setImmediate);
    expect(transfer.sent).toBeLessThanOrEqual(1024 * 1024 + 16_384);
    expect(ada.mostUnderWay).toBeLessThanOrEqual(256 * 1024 + 2 * 16_384);
    const timer = setInterval(() => state.next(), 0);
    expect(await accepted).toBeUndefined();
    clearInterval(timer);
    expect(sha256(Buffer.concat(state.chunks))).toBe(sha256(noise(bytes)));
    expect([state.closed, state.aborted]).toEqual([true, false]);
    await transfer.done;
  }, 30_000);

  test('tells its progress on both sides, growing to the end', async () => {
    const { offer, transfer } = await sending(new Blob([noise(1_000_000)]));
    const sent: number[] = [];
    const received: number[] = [];
    transfer.on('progress', () => sent.push(transfer.received));
    offer.on('progress', () => received.push(offer.received));
    await offer.accept();
    await transfer.done;
    for (const figures of [sent, received]) {
      expect(figures.toSorted((a, b) => a - b)).toEqual(figures);
      expect(figures.at(-1)).toBe(1_000_000);
      expect(new Set(figures).size).toBeGreaterThan(4);
    }
  });

  test('several files at a time do not get in each other’s way', async () => {
    const { ada, bob, transfer } = await sending(new Blob([noise(100_000)]));
    const more = [
      ada.files.offer(new Blob([noise(50_000)]), ['bob'], limits),
      bob.files.offer(new Blob(['x']), ['ada'], limits),
    ];
    const offers = [await offered(bob), await offered(bob, 1), await offered(ada)];
    const hashes = await Promise.all(offers.map(async (offer) => hashOf(await offer.accept())));
    expect(hashes).toEqual([sha256(noise(100_000)), sha256(noise(50_000)), sha256(new TextEncoder().encode('x'))]);
    await Promise.all([transfer.done, ...more.map(({ done }) => done)]);
  });
});

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
    expect((await transfer.done).received).toMatchObject([{ name: 'cyd' }]);
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

describe('the name of a file', () => {
  test.each([
    ['notes.txt', 'notes.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\windows\\system32\\cmd.exe', 'cmd.exe'],
    ['.bashrc', 'bashrc'],
    ['...', 'file'],
    ['', 'file'],
    ['a\u0000b\nc.txt', 'abc.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a<b>:"c|d?*.txt', 'a_b___c_d__.txt'],
    ['CON.txt', '_CON.txt'],
    ['com1', '_com1'],
    ['  spaced .txt. ', 'spaced .txt'],
    ['日本語.pdf', '日本語.pdf'],
  ])('%j is saved as %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test('any name becomes one that can be saved', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        const safe = safeFileName(name);
        expect([...safe].length).toBeGreaterThan(0);
        expect([...safe].length).toBeLessThanOrEqual(200);
        expect(safe).not.toMatch(/[\\/\p{Cc}\p{Cf}<>:"|?*]/u);
        expect(safe).not.toMatch(/^[.\s]/);
        expect(safe.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a long one keeps its extension', () => {
    expect(safeFileName(`${'x'.repeat(400)}.tar.gz`)).toBe(`${'x'.repeat(197)}.gz`);
  });
});
