import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { FilePart } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { BlobSink } from './BlobSink.ts';
import { Emitter } from './Emitter.ts';
import { toPlenumError } from './errors.ts';
import { fileWindowBytes, reportBytes } from './FilePass.ts';
import type { FilePeer } from './FileTransfers.ts';
import { safeFileName } from './fileName.ts';
import { cancelError } from './fileStates.ts';
import type { RemoteParticipant } from './RemoteParticipant.ts';

/** The sender hears of what has arrived after `reportBytes`, or so many milliseconds. */
const reportMs = 250;

/** A sender that sends nothing for so long has failed, in milliseconds. */
const patienceMs = 30_000;

export interface IncomingFileOptions {
  offer: Extract<FilePart, { type: 'offer' }>;
  from: FilePeer;
  participant: RemoteParticipant | undefined;
  reply: (part: FilePart) => Promise<void>;
  /** Nothing more happens with it. */
  ended: () => void;
}

export type IncomingFileState = 'offered' | 'receiving' | 'done' | 'declined' | 'cancelled' | 'failed';

export interface IncomingFileEvents {
  progress: [];
  stateChanged: [state: IncomingFileState];
}

/** A file that somebody offers: `accept()` it or `decline()` it. Name and type are the sender's word: do not trust them. */
export class IncomingFile {
  readonly fileId: string;
  /** Without folders and characters that file systems do not take. */
  readonly name: string;
  /** MIME type; may be empty. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly participantId: string;
  readonly identity: string;
  /** Who offers it, where the SDK knows it. */
  readonly participant: RemoteParticipant | undefined;
  /** Resolves to the file when it is complete and its hash is right, to nothing where it went to a stream. */
  readonly done: Promise<Blob | undefined>;
  readonly #options: IncomingFileOptions;
  readonly #outcome = Promise.withResolvers<Blob | undefined>();
  readonly #events = new Emitter<IncomingFileEvents>();
  readonly #hash = sha256.create();
  #state: IncomingFileState = 'offered';
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #blob: BlobSink | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Bytes that came, and of those the ones that were written. */
  #arrived = 0;
  #received = 0;
  #reported = 0;
  #reportedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @internal */
  constructor(options: IncomingFileOptions) {
    const { offer, from, participant } = options;
    this.#options = options;
    this.fileId = offer.fileId;
    this.name = safeFileName(offer.name);
    this.type = /^[\x20-\x7e]*$/.test(offer.mimeType) ? offer.mimeType : '';
    this.size = offer.size;
    this.participantId = from.participantId;
    this.identity = from.identity;
    this.participant = participant;
    this.done = this.#outcome.promise;
    // Whoever does not ask need not handle it.
    this.done.catch(() => undefined);
  }

  get state(): IncomingFileState {
    return this.#state;
  }

  /** Bytes that have been written. */
  get received(): number {
    return this.#received;
  }

  on<K extends keyof IncomingFileEvents>(event: K, listener: (...args: IncomingFileEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Lets it come. Into a stream, for example of `showSaveFilePicker()`, it is written piece by piece, no faster than the
   * stream takes it; the stream is closed at the end and aborted where it fails. Without one it becomes a Blob.
   * @returns `done`
   */
  accept(sink?: WritableStream<Uint8Array<ArrayBuffer>>): Promise<Blob | undefined> {
    if (this.#state !== 'offered') {
      return Promise.reject(new PlenumError('wrong-phase', `The offer is ${this.#state} already.`));
    }
    this.#blob = sink ? undefined : new BlobSink(this.type);
    this.#writer = (sink ?? this.#blob)?.getWriter();
    this.#set('receiving');
    this.#watch();
    this.#options
      .reply({ type: 'accept', fileId: this.fileId })
      .catch((error: unknown) => this.fail(toPlenumError(error)));
    return this.done;
  }

  decline(): void {
    if (this.#state !== 'offered') return;
    this.#reply({ type: 'decline', fileId: this.fileId });
    this.#end('declined', new PlenumError('declined', 'The file was declined.'));
  }

  /** Ends a transfer that is under way. */
  cancel(): void {
    if (this.#state !== 'receiving') return;
    this.#reply({ type: 'cancel', fileId: this.fileId, reason: 'cancelled' });
    this.#end('cancelled', new PlenumError('cancelled', 'The transfer was cancelled.'));
  }

  /** @internal */
  receive(part: Extract<FilePart, { type: 'chunk' | 'end' }>, payload: Uint8Array): void {
    if (this.#state !== 'receiving') return;
    this.#watch();
    if (part.type === 'end') {
      this.#finish(part.sha256);
      return;
    }
    const end = part.offset + payload.byteLength;
    if (part.offset !== this.#arrived || end > this.size || end - this.#received > 2 * fileWindowBytes) {
      this.#giveUp('damaged', cancelError('damaged'));
      return;
    }
    this.#arrived = end;
    // A copy: the rest of its buffer is the frame's.
    const chunk = payload.slice();
    this.#hash.update(chunk);
    this.#write(chunk, end);
  }

  /** @internal The sender has given it up. */
  cancelled(reason: 'cancelled' | 'damaged' | 'failed'): void {
    if (this.#state !== 'receiving' && this.#state !== 'offered') return;
    this.#end(reason === 'cancelled' ? 'cancelled' : 'failed', cancelError(reason));
  }

  /** @internal */
  fail(error: PlenumError): void {
    if (this.#state === 'receiving' || this.#state === 'offered') this.#end('failed', error);
  }

  #write(chunk: Uint8Array<ArrayBuffer>, end: number): void {
    const writer = this.#writer;
    if (!writer) return;
    this.#writing = this.#writing
      .then(async () => {
        if (this.#state !== 'receiving') return;
        await writer.ready;
        await writer.write(chunk);
        this.#received = end;
        this.#watch();
        this.#report();
        this.#events.emit('progress');
      })
      .catch((error: unknown) => this.#giveUp('failed', toPlenumError(error)));
  }

  #report(): void {
    const now = performance.now();
    const due = this.#received - this.#reported >= reportBytes || now - this.#reportedAt >= reportMs;
    if (!due && this.#received < this.size) return;
    this.#reported = this.#received;
    this.#reportedAt = now;
    this.#reply({ type: 'progress', fileId: this.fileId, bytes: this.#received });
  }

  #finish(expected: string): void {
    this.#writing = this.#writing.then(async () => {
      if (this.#state !== 'receiving') return;
      if (this.#arrived !== this.size || bytesToHex(this.#hash.digest()) !== expected) {
        this.#giveUp('damaged', cancelError('damaged'));
        return;
      }
      try {
        await this.#writer?.close();
      } catch (error) {
        this.#giveUp('failed', toPlenumError(error));
        return;
      }
      if (this.#state !== 'receiving') return;
      this.#reply({ type: 'complete', fileId: this.fileId });
      this.#stop('done');
      this.#outcome.resolve(this.#blob?.result);
    });
  }

  /** Waits for the next piece, so far and no longer. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#giveUp('failed', new PlenumError('timeout', 'Nothing more came of the file for too long.'));
    }, patienceMs);
  }

  #giveUp(reason: 'damaged' | 'failed', error: PlenumError): void {
    if (this.#state !== 'receiving') return;
    this.#reply({ type: 'cancel', fileId: this.fileId, reason });
    this.#end('failed', error);
  }

  #end(state: 'declined' | 'cancelled' | 'failed', error: PlenumError): void {
    this.#stop(state);
    // A stream that is broken already need not be told.
    this.#writer?.abort(error).catch(() => undefined);
    this.#outcome.reject(error);
  }

  #stop(state: IncomingFileState): void {
    clearTimeout(this.#timer);
    this.#options.ended();
    this.#set(state);
  }

  #set(state: IncomingFileState): void {
    this.#state = state;
    this.#events.emit('stateChanged', state);
  }

  /** Whether the sender hears of it or not: it gives up by itself when nothing comes. */
  #reply(part: FilePart): void {
    this.#options.reply(part).catch(() => undefined);
  }
}
