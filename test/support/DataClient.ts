import {
  type ClientMessageHeader,
  clientFrameCodec,
  type DataKind,
  dataStreams,
  serverFrameCodec,
} from '../../src/protocol/index.ts';
import { SctpPeer } from '../fuzz/world/SctpPeer.ts';
import type { LoadParticipant } from '../load/meeting/LoadParticipant.ts';

/** Of a message that is bytes (RFC 8831, 8). */
const binary = 53;

/** The data channels of one participant without a browser; it sends whatever it is told to, allowed or not. */
export class DataClient {
  /** The texts that came, the oldest first. */
  readonly heard: string[] = [];
  /** Codes of refusals, by the ids of the messages. */
  readonly refused = new Map<number, string>();
  readonly settled = new Set<number>();
  readonly #up: SctpPeer;
  #lastId = 0;

  static async open({ send, recv }: LoadParticipant): Promise<DataClient> {
    await send.connect();
    const [up, down] = await Promise.all([SctpPeer.open(send), SctpPeer.open(recv)]);
    return new DataClient(up, down);
  }

  private constructor(up: SctpPeer, down: SctpPeer) {
    this.#up = up;
    down.onMessage = (bytes) => this.#receive(bytes);
    void this.#say('reliable', clientFrameCodec.encode('taken', 0, { bytes: 0 }));
  }

  /** @param header default: to everybody @returns the message's id */
  async say(kind: DataKind, text: string, header: ClientMessageHeader = {}): Promise<number> {
    this.#lastId += 1;
    await this.#say(kind, clientFrameCodec.encode('message', this.#lastId, header, Buffer.from(text)));
    return this.#lastId;
  }

  #say(kind: DataKind, frame: Uint8Array): Promise<void> {
    return this.#up.send(dataStreams[kind], binary, Buffer.from(frame));
  }

  #receive(bytes: Buffer): void {
    const frame = serverFrameCodec.parse(bytes);
    if (frame.name === 'message') this.heard.push(Buffer.from(frame.payload).toString());
    if (frame.name === 'settled') for (const id of frame.header.messageIds) this.settled.add(id);
    if (frame.name === 'refused') for (const id of frame.header.messageIds) this.refused.set(id, frame.header.code);
  }
}
