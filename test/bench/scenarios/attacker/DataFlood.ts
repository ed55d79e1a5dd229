import { dataStreams } from '../../../../src/protocol/data.ts';
import { FrameCodec } from '../../../../src/protocol/frames.ts';
import { clientFrames } from '../../../../src/protocol/index.ts';
import { Findings } from '../../../fuzz/world/Findings.ts';
import { MediaVisitor } from '../../../fuzz/world/MediaVisitor.ts';
import type { Tally } from './Tally.ts';

/** As the SDK sends binary messages (RFC 8831, 8). */
const binary = 53;
const againAfterMs = 1000;
const codec = new FrameCodec(clientFrames);
const payload = new Uint8Array(100);
/** It opens the channel. */
const taken = Buffer.from(codec.encode('taken', 0, { bytes: 0 }));

/** Somebody in the room who sends messages over its data channel, and looks at no window. */
export class DataFlood {
  readonly #url: string;
  readonly #room: string;
  readonly #tally: Tally;
  readonly #findings = new Findings();
  #visitor: MediaVisitor | undefined;
  #answered = 0;
  #id = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, room: string, tally: Tally) {
    this.#url = url;
    this.#room = room;
    this.#tally = tally;
    void this.#come();
  }

  /** @returns whether there is a channel to send over */
  send(): boolean {
    const visitor = this.#visitor;
    if (!visitor) return false;
    this.#id += 1;
    void visitor.data.send(dataStreams.lossy, binary, Buffer.from(codec.encode('message', this.#id, {}, payload)));
    this.#tally.send('data');
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#findings.close();
    this.#leave();
  }

  async #come(): Promise<void> {
    try {
      const visitor = await MediaVisitor.join(this.#url, this.#room, this.#findings);
      if (this.#closed) {
        visitor.close();
        return;
      }
      this.#visitor = visitor;
      await visitor.data.send(dataStreams.reliable, binary, taken);
      visitor.send.onFailed = () => this.#again('the transport failed');
    } catch {
      // Whether it gets in is the server's decision; it is counted.
      this.#again('not let in');
    }
  }

  #again(why: string): void {
    this.#tally.answer('data', why);
    this.#leave();
    if (!this.#closed) this.#timer = setTimeout(() => void this.#come(), againAfterMs);
  }

  #leave(): void {
    const visitor = this.#visitor;
    if (!visitor) return;
    this.#visitor = undefined;
    this.#answered += visitor.data.received;
    this.#tally.answers.data['frames of the server'] = this.#answered;
    visitor.close();
  }
}
