import { type PlenumError, serverFrameCodec } from '../protocol/index.ts';
import type { Clock } from './ports.ts';

/** Answers are told at once, and after that at most once in this time, so that many small ones become few. */
const intervalMs = 10;
/** Thousands of small messages can be answered at once: so many ids in one frame, at eleven bytes each. */
const idsPerFrame = 1000;
/** And so many bytes of names: all that a message can name; of those whom a message to all has not reached, as many as fit. */
const nameBytes = 48_000;

interface Refusal {
  messageIds: number[];
  code: PlenumError['code'];
  message: string;
  recipients?: string[];
  left?: string[];
}

/** Those whom a message has not reached. */
export interface Without {
  /** They are in the room. */
  readonly there: readonly string[];
  readonly left: readonly string[];
}

/** What becomes of a participant's messages, gathered and told to it. */
export class DataReplies {
  readonly #clock: Clock;
  readonly #send: (frame: Uint8Array) => void;
  #settled: number[] = [];
  readonly #refused = new Map<string, Refusal>();
  #cancel: (() => void) | undefined;
  #scheduled = false;
  #closed = false;

  constructor(clock: Clock, send: (frame: Uint8Array) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  settled(messageId: number): void {
    this.#settled.push(messageId);
    this.#schedule();
  }

  refused(messageId: number, { code, message }: PlenumError, without: Without = { there: [], left: [] }): void {
    const key = JSON.stringify([code, message, without]);
    const refusal = this.#refused.get(key);
    if (refusal) refusal.messageIds.push(messageId);
    else {
      const there = thatFit(without.there, nameBytes);
      const left = thatFit(without.left, nameBytes - there.bytes);
      this.#refused.set(key, {
        messageIds: [messageId],
        code,
        message,
        ...(there.names.length > 0 && { recipients: there.names }),
        ...(left.names.length > 0 && { left: left.names }),
      });
    }
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    if (this.#scheduled || this.#cancel || this.#closed) return;
    this.#scheduled = true;
    // Several messages of one packet of the worker are handled in one go.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#tell();
    });
  }

  #tell(): void {
    this.#cancel = undefined;
    if (this.#closed || (this.#settled.length === 0 && this.#refused.size === 0)) return;
    const settled = this.#settled;
    const refused = [...this.#refused.values()];
    this.#settled = [];
    this.#refused.clear();
    for (const messageIds of inFrames(settled)) this.#send(serverFrameCodec.encode('settled', 0, { messageIds }));
    for (const refusal of refused) {
      for (const messageIds of inFrames(refusal.messageIds)) {
        this.#send(serverFrameCodec.encode('refused', 0, { ...refusal, messageIds }));
      }
    }
    this.#cancel = this.#clock.after(intervalMs, () => this.#tell());
  }
}

function inFrames(messageIds: readonly number[]): number[][] {
  const frames = Math.ceil(messageIds.length / idsPerFrame);
  return Array.from({ length: frames }, (_, at) => messageIds.slice(at * idsPerFrame, (at + 1) * idsPerFrame));
}

/** The first of them, as many as fit into so many bytes of JSON. */
function thatFit(names: readonly string[], most: number): { names: string[]; bytes: number } {
  let bytes = 0;
  const tooFar = names.findIndex((name) => {
    const size = Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes + size > most) return true;
    bytes += size;
    return false;
  });
  return { names: tooFar < 0 ? [...names] : names.slice(0, tooFar), bytes };
}
