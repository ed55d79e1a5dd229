import type { DataKind, PlenumError } from '../protocol/index.ts';
import { messageIdOf, serverFrameCodec } from '../protocol/index.ts';
import { DataReceiver } from './DataReceiver.ts';
import type { DataMember } from './DataRelay.ts';
import { DataReplies } from './DataReplies.ts';
import { type DataRate, DataSender } from './DataSender.ts';
import type { Clock, DataLine } from './ports.ts';
import { TokenBucket } from './TokenBucket.ts';

/** So many frames that break the rules are answered in a second; what comes after them is thrown away for a while. */
const offenceRate = { perSecond: 50, burst: 50 };
const muteMs = 1000;

export interface DataSeatOptions {
  member: Pick<DataMember, 'participantId' | 'identity' | 'mayTalk' | 'hidden' | 'link'>;
  line: DataLine;
  clock: Clock;
  rate: DataRate;
}

/** One participant on the room's data bus: what it sends, what it receives, and what it is told. */
export class DataSeat {
  readonly participantId: string;
  readonly identity: string;
  readonly receiver: DataReceiver;
  readonly #member: DataSeatOptions['member'];
  readonly #clock: Clock;
  readonly #rate: DataRate;
  #line: DataLine;
  #sender: DataSender;
  #replies: DataReplies;
  readonly #offences: TokenBucket;
  readonly #unmutes = new Map<DataKind, () => void>();
  #interrupted = false;

  constructor({ member, line, clock, rate }: DataSeatOptions) {
    const { participantId, identity } = member;
    this.#member = member;
    this.participantId = participantId;
    this.identity = identity;
    this.#line = line;
    this.#clock = clock;
    this.#rate = rate;
    const send = (frame: Uint8Array) => this.#line.bus.send('reliable', frame, [this.#line]);
    this.#sender = new DataSender(clock, rate, member.link);
    this.#replies = new DataReplies(clock, send);
    this.receiver = new DataReceiver({
      participantId,
      clock,
      send,
      missed: (messages) => send(serverFrameCodec.encode('missed', 0, { messages })),
    });
    this.#offences = new TokenBucket(clock, offenceRate);
  }

  /** Whether the line is gone, and there is no other one yet: what still comes over it is late. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Whether it may send at this moment. */
  get mayTalk(): boolean {
    return this.#member.mayTalk;
  }

  get hidden(): boolean {
    return this.#member.hidden;
  }

  get line(): DataLine {
    return this.#line;
  }

  get sender(): DataSender {
    return this.#sender;
  }

  get replies(): DataReplies {
    return this.#replies;
  }

  /**
   * The channels have gone with a worker. What the participant sent and what has not been settled it takes for failed;
   * what it is sent waits until it has opened others.
   */
  interrupt(): void {
    this.#interrupted = true;
    this.#stopMuting();
    this.#sender.close();
    this.#replies.close();
    this.#sender = new DataSender(this.#clock, this.#rate, this.#member.link);
    this.#replies = new DataReplies(this.#clock, (frame) => this.#line.bus.send('reliable', frame, [this.#line]));
    this.receiver.interrupt();
  }

  /** It has channels again. */
  reopen(line: DataLine): void {
    this.#interrupted = false;
    this.#line = line;
  }

  /** Answers a frame that breaks the rules. The SDK sends none, but for lossy messages beyond the rate. */
  offended(kind: DataKind, frame: Uint8Array, error: PlenumError): void {
    if (this.#offences.tryTake(1)) {
      this.replies.refused(messageIdOf(frame), error);
      return;
    }
    // Reading what a flood carries costs the others of the server.
    if (this.#unmutes.has(kind)) return;
    const line = this.#line;
    line.mute(kind, true);
    const unmute = () => {
      this.#unmutes.delete(kind);
      line.mute(kind, false);
    };
    this.#unmutes.set(kind, this.#clock.after(muteMs, unmute));
  }

  close(): void {
    this.#stopMuting();
    this.#sender.close();
    this.#replies.close();
    this.receiver.close();
  }

  #stopMuting(): void {
    for (const cancel of this.#unmutes.values()) cancel();
    this.#unmutes.clear();
  }
}
