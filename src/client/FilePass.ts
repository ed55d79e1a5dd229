import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { FilePart, PlenumError } from '../protocol/index.ts';
import { toPlenumError } from './errors.ts';

/** How much of the file is read at once. */
const blockBytes = 256 * 1024;

/** How far the sender may be ahead of what its slowest recipient has put where it belongs. */
export const fileWindowBytes = 1024 * 1024;
/** A recipient says what has arrived after so many bytes. */
export const reportBytes = 128 * 1024;

interface PassRecipient {
  readonly state: string;
  readonly received: number;
}

interface FilePassHost<R> {
  send(to: readonly R[], part: FilePart, payload: Uint8Array): Promise<void>;
  ready(): Promise<void>;
  /** So many bytes have been passed on by the server. */
  sent(bytes: number): void;
  undelivered(error: PlenumError, to: readonly R[]): void;
}

const nothing = new Uint8Array();

/** The file once from its start to its end, to some of its recipients; each of them may drop out on the way. */
export class FilePass<R extends PassRecipient> {
  readonly #file: Blob;
  readonly #fileId: string;
  readonly #chunkBytes: number;
  readonly #recipients: readonly R[];
  readonly #host: FilePassHost<R>;
  #wake: (() => void) | undefined;

  constructor(file: Blob, fileId: string, chunkBytes: number, recipients: readonly R[], host: FilePassHost<R>) {
    this.#file = file;
    this.#fileId = fileId;
    this.#chunkBytes = chunkBytes;
    this.#recipients = recipients;
    this.#host = host;
  }

  /** Resolves when all has been sent, or nobody takes it any more; rejects where the file cannot be read. */
  async run(): Promise<void> {
    const hash = sha256.create();
    const { size } = this.#file;
    for (let start = 0; start < size; start += blockBytes) {
      const end = Math.min(start + blockBytes, size);
      const block = new Uint8Array(await this.#file.slice(start, end).arrayBuffer());
      hash.update(block);
      for (let at = 0; at < block.byteLength; at += this.#chunkBytes) {
        await this.#credit(start + at);
        await this.#host.ready();
        const chunk = block.subarray(at, at + this.#chunkBytes);
        if (!this.#send({ type: 'chunk', fileId: this.#fileId, offset: start + at }, chunk)) return;
      }
    }
    this.#send({ type: 'end', fileId: this.#fileId, sha256: bytesToHex(hash.digest()) }, nothing);
  }

  /** A recipient has taken something, or has dropped out. */
  moved(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  get #taking(): readonly R[] {
    return this.#recipients.filter(({ state }) => state === 'accepted');
  }

  async #credit(offset: number): Promise<void> {
    while (this.#taking.some(({ received }) => offset - received >= fileWindowBytes)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Returns false where nobody takes it any more. Does not wait: what is under way is bounded by the windows. */
  #send(part: FilePart, payload: Uint8Array): boolean {
    const to = this.#taking;
    if (to.length === 0) return false;
    const end = part.type === 'chunk' ? part.offset + payload.byteLength : this.#file.size;
    this.#host.send(to, part, payload).then(
      () => this.#host.sent(end),
      (error: unknown) => this.#host.undelivered(toPlenumError(error), to),
    );
    return true;
  }
}
