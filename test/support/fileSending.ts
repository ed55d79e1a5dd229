import { createHash } from 'node:crypto';
import type { IncomingFile } from '../../src/client/IncomingFile.ts';
import { PlenumError } from '../../src/protocol/index.ts';
import { type FileParty, FileWorld } from './FileWorld.ts';
import { waitFor } from './waitFor.ts';

export const limits = { maxDataBytes: 65_536, maxFileBytes: 100 * 1024 * 1024 };

export function noise(bytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7919 + (index >> 8) * 31) & 0xff);
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export async function hashOf(blob: Blob | undefined): Promise<string> {
  if (!blob) throw new Error('there is no file');
  return sha256(new Uint8Array(await blob.arrayBuffer()));
}

export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PlenumError) return error.code;
    throw error;
  }
  return 'none';
}

export async function offered(party: FileParty, index = 0): Promise<IncomingFile> {
  await waitFor('the offer', () => party.offers.length > index);
  const offer = party.offers[index];
  if (!offer) throw new Error('no offer');
  return offer;
}

/** Ada sends to the others; each has the offer. */
export async function sending(content: Blob, names = ['bob']) {
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
export function slowSink() {
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
