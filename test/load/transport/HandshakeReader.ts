import { Reader } from './dtlsMessages.ts';

export interface HandshakeMessage {
  type: number;
  sequence: number;
  body: Buffer;
}

interface PartialMessage {
  type: number;
  body: Buffer;
  /** 1 for each byte of the body that has come. */
  seen: Buffer;
  /** How many have not. */
  left: number;
}

/** Puts fragments together and gives messages in their order, each once (RFC 6347, 4.2.2 and 4.2.3). */
export class HandshakeReader {
  readonly #partial = new Map<number, PartialMessage>();
  #next = 0;

  /** @param record the content of one handshake record, which may hold several fragments */
  read(record: Buffer): HandshakeMessage[] {
    const reader = new Reader(record);
    while (reader.left > 0) this.#readFragment(reader);
    const complete: HandshakeMessage[] = [];
    for (;;) {
      const entry = this.#partial.get(this.#next);
      if (!entry || entry.left > 0) return complete;
      this.#partial.delete(this.#next);
      complete.push({ type: entry.type, sequence: this.#next, body: entry.body });
      this.#next += 1;
    }
  }

  #readFragment(reader: Reader): void {
    const type = reader.number(1);
    const length = reader.number(3);
    const sequence = reader.number(2);
    const offset = reader.number(3);
    const fragment = reader.vector(3);
    if (sequence < this.#next || offset + fragment.length > length) return;
    let entry = this.#partial.get(sequence);
    if (!entry) {
      entry = { type, body: Buffer.alloc(length), seen: Buffer.alloc(length), left: length };
      this.#partial.set(sequence, entry);
    }
    if (entry.body.length !== length || entry.type !== type) return;
    fragment.copy(entry.body, offset);
    for (let at = offset; at < offset + fragment.length; at += 1) {
      if (entry.seen.readUInt8(at) === 0) entry.left -= 1;
      entry.seen.writeUInt8(1, at);
    }
  }
}
