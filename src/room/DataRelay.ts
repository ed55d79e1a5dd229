import type { Logger } from '../log.ts';
import {
  type ClientMessageHeader,
  clientFrameCodec,
  type DataKind,
  DeliveryError,
  PlenumError,
  senderWindowBytes,
  serverFrameCodec,
  takenMs,
} from '../protocol/index.ts';
import { type Audience, everybody, type Members, named } from './DataAudience.ts';
import { DataSeat } from './DataSeat.ts';
import type { DataRate } from './DataSender.ts';
import { Delivery } from './Delivery.ts';
import { IdentityIndex } from './IdentityIndex.ts';
import type { Clock, DataBus, DataLine, MediaRouter, MediaTransport, ParticipantLink } from './ports.ts';

export interface DataLimits {
  /** Bytes of one message's payload. */
  maxDataBytes: number;
  /** Bytes of one file. */
  maxFileBytes: number;
  rate: DataRate;
}

/** What the relay needs of a participant. */
export interface DataMember {
  readonly participantId: string;
  readonly identity: string;
  readonly closed: boolean;
  /** Whether it may send at this moment. */
  readonly mayTalk: boolean;
  /** Nobody is told of it: it gets nothing, since whoever sends hears who has got it. */
  readonly hidden: boolean;
  readonly link: Pick<ParticipantLink, 'dataLimit'>;
  readonly router: Pick<MediaRouter, 'openData'>;
  readonly sendTransport: MediaTransport;
  readonly recvTransport: MediaTransport;
}

export interface DataRelayOptions {
  clock: Clock;
  limits: DataLimits;
  log: Logger;
}

interface Message {
  messageId: number;
  header: ClientMessageHeader;
  payload: Uint8Array;
}

/**
 * The room's data bus: reads every message, checks size, rate, right and recipients, writes the sender onto it, and
 * passes it on, once per router. src/protocol/data.ts says how nothing gets lost.
 */
export class DataRelay {
  readonly #options: DataRelayOptions;
  readonly #seats = new Map<string, DataSeat>();
  readonly #byIdentity = new IdentityIndex<DataSeat>();
  readonly #members: Members = { seats: this.#seats, byIdentity: this.#byIdentity };
  /** Bytes of the application's server that still wait for somebody. */
  #serverBytes = 0;
  #closed = false;

  constructor(options: DataRelayOptions) {
    this.#options = options;
  }

  /** Opens a participant's channels, the first or others; it then counts among those that a message for all is for. */
  async add(member: DataMember): Promise<void> {
    const { participantId, router, sendTransport, recvTransport } = member;
    let line: DataLine;
    try {
      line = await router.openData(sendTransport, recvTransport);
    } catch (error) {
      // Who has left meanwhile needs no channels, and took the transports along.
      if (member.closed || this.#closed) return;
      throw error;
    }
    // The channels end with the transports.
    if (member.closed || this.#closed) return;
    const seat = this.#seats.get(participantId) ?? this.#seat(member, line);
    seat.reopen(line);
    line.on('message', (kind, bytes) => {
      if (seat.line === line && !seat.interrupted) this.#hear(seat, kind, bytes);
    });
    recvTransport.on('moved', () => {
      if (seat.line === line) seat.receiver.excuse();
    });
  }

  /** Its channels have gone with a worker; `add()` gives it others. */
  interrupt({ participantId }: Pick<DataMember, 'participantId'>): void {
    this.#seats.get(participantId)?.interrupt();
  }

  #seat(member: DataMember, line: DataLine): DataSeat {
    const { clock, limits } = this.#options;
    const seat = new DataSeat({ member, line, clock, rate: limits.rate });
    this.#seats.set(member.participantId, seat);
    this.#byIdentity.add(seat);
    return seat;
  }

  /**
   * Sends a message of the application's server. It goes on its way at once, or waits for those who cannot take it yet: as
   * much as of any other sender.
   *
   * @returns how many it is for
   * @throws PlenumError `message-too-large`, `rate-limited` with `retryAfterMs` while too much waits, or DeliveryError `not-found` where some of those named are not in the room
   */
  sendAsServer(kind: DataKind, { header, payload }: Pick<Message, 'header' | 'payload'>): number {
    checkSize(payload, this.#options.limits);
    const { to, topic } = header;
    const { seats } = to ? named(this.#members, to) : everybody(this.#members);
    const frame = serverFrameCodec.encode('message', 0, { ...(topic && { topic }) }, payload);
    if (kind === 'lossy') {
      const open = seats.filter(({ receiver }) => receiver.state === 'open');
      sendTo('lossy', frame, open);
      return open.length;
    }
    const size = frame.byteLength;
    if (this.#serverBytes > 0 && this.#serverBytes + size > senderWindowBytes) throw tooSlow();
    this.#serverBytes += size;
    const settled = () => {
      this.#serverBytes -= size;
    };
    this.#deliver(seats, new Delivery(frame, !to, settled));
    return seats.length;
  }

  /** Sends a frame that says nothing: SCTP acknowledges it (RFC 9260, 6.2), whatever the client makes of it. */
  probe(participantId: string): void {
    const line = this.#seats.get(participantId)?.line;
    line?.bus.send('reliable', serverFrameCodec.encode('settled', 0, { messageIds: [] }), [line]);
  }

  remove({ participantId }: Pick<DataMember, 'participantId' | 'identity'>): void {
    const seat = this.#seats.get(participantId);
    if (!seat) return;
    this.#seats.delete(participantId);
    this.#byIdentity.delete(seat);
    seat.close();
  }

  close(): void {
    this.#closed = true;
    for (const seat of this.#seats.values()) seat.close();
    this.#seats.clear();
    this.#byIdentity.clear();
  }

  #hear(seat: DataSeat, kind: DataKind, bytes: Uint8Array): void {
    if (this.#seats.get(seat.participantId) !== seat) return;
    try {
      const frame = clientFrameCodec.parse(bytes);
      if (frame.name === 'message') this.#message(seat, kind, frame, bytes.byteLength);
      else if (kind === 'reliable') seat.receiver.taken(frame.header.bytes);
      else throw new PlenumError('bad-request', 'credit is given on the reliable channel');
    } catch (error) {
      seat.offended(kind, bytes, this.#known(error));
    }
  }

  /** What no client should be able to bring about must not end the server either. */
  #known(error: unknown): PlenumError {
    if (error instanceof PlenumError) return error;
    this.#options.log.error({ err: error }, 'a data message failed');
    return new PlenumError('internal', 'the server failed; its log says why');
  }

  #message(seat: DataSeat, kind: DataKind, message: Message, size: number): void {
    if (kind === 'lossy') {
      this.#lossy(seat, message, size);
      return;
    }
    const { messageId } = message;
    seat.sender.admit(messageId, size);
    try {
      const audience = this.#check(seat, message);
      seat.sender.pace(size, () => {
        // The right may have been taken away while it waited.
        if (seat.mayTalk) this.#pass(seat, message, audience);
        else this.#forbid(seat, messageId);
      });
    } catch (error) {
      const known = this.#known(error);
      seat.sender.release(messageId);
      seat.replies.refused(messageId, known, { there: [], left: known instanceof DeliveryError ? known.left : [] });
    }
  }

  #forbid(seat: DataSeat, messageId: number): void {
    seat.sender.release(messageId);
    seat.replies.refused(messageId, mayNotSend(), { there: [], left: [] });
  }

  #lossy(seat: DataSeat, message: Message, size: number): void {
    const { seats } = this.#check(seat, message);
    if (!seat.sender.mayGo(size)) throw new PlenumError('rate-limited', 'too much data in too short a time');
    const open = seats.filter(({ receiver }) => receiver.state === 'open');
    sendTo('lossy', stamped(seat, message), open);
  }

  #pass(seat: DataSeat, message: Message, { seats, gone, names }: Audience): void {
    const { messageId, header } = message;
    const frame = stamped(seat, message);
    // Those of now: whoever gets other channels meanwhile takes the message for failed.
    const { sender, replies } = seat;
    const asNamed = (ids: readonly string[]) => ids.flatMap((id) => names.get(id) ?? id);
    const delivery = new Delivery(frame, !header.to, (missing, left) => {
      sender.release(messageId);
      if (missing.length === 0 && left.length === 0 && gone.length === 0) replies.settled(messageId);
      else replies.refused(messageId, notDelivered(), { there: asNamed(missing), left: [...gone, ...asNamed(left)] });
    });
    this.#deliver(seats, delivery);
  }

  /** To those who can take it now at once; the others keep it, until they can. */
  #deliver(seats: readonly DataSeat[], delivery: Delivery): void {
    const { frame } = delivery;
    const ready = seats.filter(({ receiver }) => {
      if (receiver.claim(frame)) return true;
      receiver.wait(delivery);
      return false;
    });
    sendTo('reliable', frame, ready);
    delivery.done();
  }

  /** @throws PlenumError where the message may not be sent; else those whom it is for */
  #check(seat: DataSeat, { header, payload }: Message): Audience {
    const { limits } = this.#options;
    if (!seat.mayTalk) {
      throw mayNotSend();
    }
    checkSize(payload, limits);
    this.#checkFile(header, payload);
    const from = { sender: seat, someWillDo: header.file !== undefined };
    return header.to ? named(this.#members, header.to, from) : everybody(this.#members, seat);
  }

  #checkFile({ to, file }: ClientMessageHeader, { byteLength }: Uint8Array): void {
    if (!file) return;
    if (!to) throw new PlenumError('bad-request', 'a file names its recipients');
    const { maxFileBytes } = this.#options.limits;
    const size = file.type === 'offer' ? file.size : file.type === 'chunk' ? file.offset + byteLength : 0;
    if (size > maxFileBytes || maxFileBytes === 0) {
      throw new PlenumError(
        'message-too-large',
        `the file is too large: the server takes files of ${maxFileBytes} bytes`,
      );
    }
  }
}

function stamped({ participantId, identity }: DataSeat, { header: { topic, file }, payload }: Message): Uint8Array {
  const header = { participantId, identity, ...(topic && { topic }), ...(file && { file }) };
  return serverFrameCodec.encode('message', 0, header, payload);
}

/** One message for each router, however many receive it there. */
function sendTo(kind: DataKind, frame: Uint8Array, seats: readonly DataSeat[]): void {
  const lines = new Map<DataBus, DataLine[]>();
  for (const { line } of seats) {
    const same = lines.get(line.bus);
    if (same) same.push(line);
    else lines.set(line.bus, [line]);
  }
  for (const [bus, those] of lines) bus.send(kind, frame, those);
}

function checkSize({ byteLength }: Uint8Array, { maxDataBytes }: DataLimits): void {
  if (byteLength <= maxDataBytes) return;
  throw new PlenumError('message-too-large', `the message has ${byteLength} bytes; the server takes ${maxDataBytes}`);
}

function tooSlow(): PlenumError {
  const message = 'too much data waits for those who take it slowly';
  return new PlenumError('rate-limited', message, { retryAfterMs: takenMs });
}

function mayNotSend(): PlenumError {
  return new PlenumError('forbidden', 'you may not send data in this room');
}

function notDelivered(): PlenumError {
  return new PlenumError(
    'not-delivered',
    'some recipients have left or took no data for too long, and did not get the message',
  );
}
