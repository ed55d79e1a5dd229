import type { ClientMessageHeader, FilePart } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { FileTransfer } from './FileTransfer.ts';
import { hasLeft } from './fileStates.ts';
import { IncomingFile } from './IncomingFile.ts';
import { makeId } from './ids.ts';
import type { RemoteParticipant } from './RemoteParticipant.ts';

/** Offers that a page holds at once; more are declined by themselves. */
const maxOffers = 100;

export interface FileWire {
  /** Resolves when the server has passed it on. */
  send(header: ClientMessageHeader, payload: Uint8Array): Promise<void>;
  /** Resolves when what has much to send may send more. */
  ready(): Promise<void>;
  offered(file: IncomingFile): void;
  participant(participantId: string): RemoteParticipant | undefined;
}

export interface FileLimits {
  maxDataBytes: number;
  maxFileBytes: number;
}

/** Somebody at the other end of a transfer. */
export interface FilePeer {
  participantId: string;
  identity: string;
}

const nothing = new Uint8Array();

/** All files of a visit that are offered, on their way or just arriving. */
export class FileTransfers {
  readonly #wire: FileWire;
  readonly #outgoing = new Map<string, FileTransfer>();
  readonly #incoming = new Map<string, IncomingFile>();

  constructor(wire: FileWire) {
    this.#wire = wire;
  }

  /** @throws PlenumError `message-too-large`, `bad-request` or `not-found`: it is not offered then */
  offer(file: Blob, recipients: readonly string[], limits: FileLimits): FileTransfer {
    if (!(file instanceof Blob)) throw new PlenumError('bad-request', 'There is no file to send.');
    if (recipients.length === 0) throw new PlenumError('not-found', 'There is nobody to send the file to.');
    if (file.size > limits.maxFileBytes || limits.maxFileBytes === 0) {
      const message = `The file has ${file.size} bytes; the server takes files of ${limits.maxFileBytes} bytes at most.`;
      throw new PlenumError('message-too-large', message);
    }
    const fileId = makeId();
    const transfer = new FileTransfer(file, fileId, recipients, {
      chunkBytes: Math.min(16 * 1024, limits.maxDataBytes),
      send: (to, part, payload = nothing) => this.#wire.send({ to: [...to], file: part }, payload),
      ready: () => this.#wire.ready(),
      ended: () => this.#outgoing.delete(fileId),
    });
    this.#outgoing.set(fileId, transfer);
    transfer.start();
    return transfer;
  }

  receive(from: FilePeer, part: FilePart, payload: Uint8Array): void {
    const key = `${from.participantId}/${part.fileId}`;
    switch (part.type) {
      case 'offer':
        this.#offered(from, key, part);
        return;
      case 'chunk':
      case 'end':
        this.#incoming.get(key)?.receive(part, payload);
        return;
      case 'cancel':
        // Either side may: the ids of the two do not meet.
        this.#incoming.get(key)?.cancelled(part.reason);
        this.#outgoing.get(part.fileId)?.receive(from, part);
        return;
      case 'accept':
      case 'decline':
      case 'progress':
      case 'complete':
        this.#outgoing.get(part.fileId)?.receive(from, part);
    }
  }

  /** A participant has left the room. */
  left(participant: FilePeer): void {
    const error = hasLeft();
    for (const transfer of [...this.#outgoing.values()]) transfer.left(participant, error);
    for (const file of [...this.#incoming.values()]) {
      if (file.participantId === participant.participantId) file.fail(error);
    }
  }

  /** The visit has ended. */
  close(error: PlenumError): void {
    for (const transfer of [...this.#outgoing.values()]) transfer.fail(error);
    for (const file of [...this.#incoming.values()]) file.fail(error);
  }

  #offered(from: FilePeer, key: string, offer: Extract<FilePart, { type: 'offer' }>): void {
    const { participantId } = from;
    const reply = (part: FilePart) => this.#wire.send({ to: [participantId], file: part }, nothing);
    if (this.#incoming.has(key)) return;
    if (this.#incoming.size >= maxOffers) {
      // Whether the sender hears of it or not, nothing is kept of the offer.
      reply({ type: 'decline', fileId: offer.fileId }).catch(() => undefined);
      return;
    }
    const file = new IncomingFile({
      offer,
      from,
      participant: this.#wire.participant(participantId),
      reply,
      ended: () => this.#incoming.delete(key),
    });
    this.#incoming.set(key, file);
    this.#wire.offered(file);
  }
}
