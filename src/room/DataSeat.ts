import type { DataKind, PlenumError } from '../protocol/index.ts';
import { messageIdOf, serverFrameCodec } from '../protocol/index.ts';
import { DataReceiver } from './DataReceiver.ts';
import { DataReplies } from './DataReplies.ts';
import { type DataRate, DataSender } from './DataSender.ts';
import type { Clock, DataLine } from './ports.ts';
import { TokenBucket } from './TokenBucket.ts';

/** So many frames that break the rules are answered in a second; what comes after them is thrown away for a while. */
const offencesPerSecond = 50;
const muteMs = 1000;

export interface DataSeatOptions {
  participantId: string;
  identity: string;
  line: DataLine;
  clock: Clock;
  rate: DataRate;
}

/** One participant on the room's data bus: what it sends, what it receives, and what it is told. */
export class DataSeat {
  readonly participantId: string;
  readonly identity: string;
  readonly line: DataLine;
  readonly sender: DataSender;
  readonly receiver: DataReceiver;
  readonly replies: DataReplies;
  readonly #clock: Clock;
  readonly #offences: TokenBucket;
  readonly #unmutes = new Map<DataKind, () => void>();

  constructor({ participantId, identity, line, clock, rate }: DataSeatOptions) {
    this.participantId = participantId;
    this.identity = identity;
    this.line = line;
    this.#clock = clock;
    const send = (frame: Uint8Array) => line.bus.send('reliable', frame, [line]);
    this.sender = new DataSender(clock, rate);
    this.replies = new DataReplies(clock, send);
    this.receiver = new DataReceiver({
      participantId,
      clock,
      send,
      missed: (messages) => send(serverFrameCodec.encode('missed', 0, { messages })),
    });
    this.#offences = new TokenBucket(clock, offencesPerSecond);
  }

  /** Answers a frame that breaks the rules. The SDK sends none, but for lossy messages beyond the rate. */
  offended(kind: DataKind, frame: Uint8Array, error: PlenumError): void {
    if (this.#offences.waitMs(1) === 0) {
      this.#offences.take(1);
      this.replies.refused(messageIdOf(frame), error);
      return;
    }
    // Reading what a flood carries costs the others of the server.
    if (this.#unmutes.has(kind)) return;
    this.line.mute(kind, true);
    const unmute = () => {
      this.#unmutes.delete(kind);
      this.line.mute(kind, false);
    };
    this.#unmutes.set(kind, this.#clock.after(muteMs, unmute));
  }

  close(): void {
    for (const cancel of this.#unmutes.values()) cancel();
    this.#unmutes.clear();
    this.sender.close();
    this.replies.close();
    this.receiver.close();
  }
}
