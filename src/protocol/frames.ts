import type { z } from 'zod';
import { PlenumError } from './errors.ts';

/**
 * The form of every message on a data channel, in both directions (big endian):
 *
 * | bytes | what |
 * |---|---|
 * | 1 | kind of frame: `code` of its declaration |
 * | 4 | message id, chosen by the client that sends; 0 where there is none. In this fixed place, so that the refusal of a frame which cannot be read can name it |
 * | 2 | length of the header |
 * | n | header: JSON in UTF-8, parsed by the schema of its declaration |
 * | rest | payload: the bytes of the application or of a file |
 */
const headBytes = 7;

/** The longest header of a message, with many long recipients in it. */
const maxHeaderBytes = 32_000;
/** The longest that a frame can say. */
export const longestHeaderBytes = 0xffff;

/** What a frame may have besides its payload. */
export const frameOverheadBytes = headBytes + maxHeaderBytes;

interface FrameDeclaration {
  readonly code: number;
  readonly doc: string;
  readonly header: z.ZodType;
}

export type FrameTable = Readonly<Record<string, FrameDeclaration>>;

/** One of the frames of a table, as it was parsed. */
export type Frame<T extends FrameTable> = {
  [N in keyof T]: { name: N; messageId: number; header: z.output<T[N]['header']>; payload: Uint8Array };
}[keyof T];

const nothing = new Uint8Array();
const encoder = new TextEncoder();
/** Fatal: text that is no UTF-8 is refused, not repaired. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The message id of any frame; 0 where it is too short to have one. */
export function messageIdOf(bytes: Uint8Array): number {
  if (bytes.byteLength < 5) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1);
}

/** Writes and reads the frames of one direction. */
export class FrameCodec<T extends FrameTable> {
  readonly #table: T;
  readonly #names: ReadonlyMap<number, keyof T & string>;
  readonly #maxHeaderBytes: number;

  /** @param headerBytes the longest header that is written and read */
  constructor(table: T, headerBytes: number = maxHeaderBytes) {
    this.#table = table;
    this.#maxHeaderBytes = headerBytes;
    this.#names = new Map(Object.entries(table).map(([name, { code }]) => [code, name]));
  }

  /** @throws PlenumError `message-too-large` where the header is too long */
  encode<N extends keyof T & string>(
    name: N,
    messageId: number,
    header: z.input<T[N]['header']>,
    payload: Uint8Array = nothing,
  ): Uint8Array<ArrayBuffer> {
    const declaration = this.#table[name];
    if (!declaration) throw new PlenumError('internal', `there is no frame "${name}"`);
    const text = encoder.encode(JSON.stringify(header));
    if (text.byteLength > this.#maxHeaderBytes) {
      throw new PlenumError('message-too-large', 'the recipients of the message are too many to be written in a frame');
    }
    const frame = new Uint8Array(headBytes + text.byteLength + payload.byteLength);
    const view = new DataView(frame.buffer);
    view.setUint8(0, declaration.code);
    view.setUint32(1, messageId);
    view.setUint16(5, text.byteLength);
    frame.set(text, headBytes);
    frame.set(payload, headBytes + text.byteLength);
    return frame;
  }

  /**
   * The payload is a part of `bytes`, not a copy.
   * @throws PlenumError `bad-request` for anything that is no frame of the table
   */
  parse(bytes: Uint8Array): Frame<T> {
    if (bytes.byteLength < headBytes) throw new PlenumError('bad-request', 'the frame is shorter than its head');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const name = this.#names.get(view.getUint8(0));
    const declaration = name === undefined ? undefined : this.#table[name];
    if (name === undefined || !declaration) throw new PlenumError('bad-request', 'there is no frame of that code');
    const end = headBytes + view.getUint16(5);
    if (end > bytes.byteLength || end > headBytes + this.#maxHeaderBytes) {
      throw new PlenumError('bad-request', 'the header of the frame is longer than allowed, or than the frame');
    }
    const header = declaration.header.safeParse(parseJson(bytes.subarray(headBytes, end)));
    if (!header.success) throw new PlenumError('bad-request', describe(header.error));
    const frame = { name, messageId: view.getUint32(1), header: header.data, payload: bytes.subarray(end) };
    // Name and header belong together: the header was parsed by the schema of that name.
    return frame as Frame<T>;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new PlenumError('bad-request', 'the header of the frame is no JSON', { cause: error });
  }
}

/** The first issues with their places; values are left out, they may be huge. */
function describe({ issues }: z.ZodError): string {
  const shown = issues.slice(0, 3).map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place ? `${place}: ${message}` : message;
  });
  return shown.join('; ').slice(0, 300);
}
