import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlenumError } from '../../../src/protocol/index.ts';
import { hashOf, limits, noise, offered, sending, sha256, slowSink } from '../../support/fileSending.ts';
import { waitFor } from '../../support/waitFor.ts';

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
