import { randomInt } from 'node:crypto';
import { uri, writeHeader } from '../rtp/header.ts';
import { senderReport } from '../rtp/rtcp.ts';
import { wallMs, writeNtp } from '../rtp/wallClock.ts';
import type { MediaConnection } from '../transport/MediaConnection.ts';

/** The ids under which publishers announce their header extensions; 1 to 14, as RFC 8285 has it. */
export const extensionIds = { transportCc: 5, audioLevel: 6, captureTime: 10 } as const;

/** @param transportCc whether packets carry a transport-wide sequence number, so that the server gives feedback */
export function extensionsOf(kind: 'audio' | 'video', transportCc: boolean): { uri: string; id: number }[] {
  return [
    ...(transportCc ? [{ uri: uri.transportCc, id: extensionIds.transportCc }] : []),
    ...(kind === 'audio' ? [{ uri: uri.audioLevel, id: extensionIds.audioLevel }] : []),
    { uri: uri.captureTime, id: extensionIds.captureTime },
  ];
}

let lastSsrc = randomInt(1, 2 ** 24);

/** SSRCs of one process do not repeat; those of two hardly ever do. */
export function newSsrc(): number {
  lastSsrc += 1;
  return ((process.pid & 0x7f) * 2 ** 24 + (lastSsrc % 2 ** 24)) >>> 0;
}

/** Where packets leave: a connection, or what will be one. */
export type RtpOutlet = Pick<MediaConnection, 'sendRtp' | 'resendRtp'>;

export interface OutgoingStreamOptions {
  ssrc: number;
  payloadType: number;
  clockRate: number;
  /** Retransmissions go into a stream of their own (RFC 4588); without one the packet itself is sent again. */
  rtx?: { ssrc: number; payloadType: number };
  /** Gives the next transport-wide sequence number, where packets are to carry one. */
  transportSequence?: () => number;
}

export interface OutgoingPacket {
  payload: Buffer;
  marker: boolean;
  timestamp: number;
  /** Besides the time stamp. */
  extensions?: readonly { id: number; data: Buffer }[];
  /** Whether it carries the time at which it is sent. */
  stamped: boolean;
}

interface Sent {
  sequence: number;
  packet: OutgoingPacket;
  parts: Buffer[];
}

/** How many packets are kept to be sent again. */
const keptPackets = 256;

/** One RTP stream on its way out: sequence numbers, retransmissions, sender reports. */
export class OutgoingStream {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly #connection: RtpOutlet;
  readonly #options: OutgoingStreamOptions;
  readonly #kept: (Sent | undefined)[] = new Array(keptPackets);
  readonly #timestampOffset = randomInt(2 ** 32);
  #index = randomInt(1000);
  #rtxIndex = randomInt(1000);
  packets = 0;
  /** Payload only. */
  octets = 0;
  retransmitted = 0;

  constructor(connection: RtpOutlet, options: OutgoingStreamOptions) {
    this.#connection = connection;
    this.#options = options;
    this.ssrc = options.ssrc;
    this.clockRate = options.clockRate;
  }

  /** The RTP time of a moment, `performance.now()`. */
  timestampAt(now: number): number {
    return (this.#timestampOffset + Math.round((now * this.clockRate) / 1000)) % 2 ** 32;
  }

  send(packet: OutgoingPacket): void {
    const sequence = this.#index & 0xffff;
    const { ssrc, payloadType } = this.#options;
    const parts = this.#protect(packet, packet.payload, { ssrc, payloadType, index: this.#index });
    if (!parts) return;
    this.#kept[sequence % keptPackets] = { sequence, packet, parts };
    this.#index += 1;
    this.packets += 1;
    this.octets += packet.payload.length;
  }

  /** Sends again what somebody misses, as far as it is still there. */
  resend(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const kept = this.#kept[sequence % keptPackets];
      if (kept?.sequence !== sequence) continue;
      this.retransmitted += 1;
      const { rtx } = this.#options;
      if (!rtx) {
        this.#connection.resendRtp(kept.parts);
        continue;
      }
      const original = Buffer.from([sequence >> 8, sequence & 0xff]);
      const payload = Buffer.concat([original, kept.packet.payload]);
      this.#protect({ ...kept.packet, stamped: false }, payload, { ...rtx, index: this.#rtxIndex });
      this.#rtxIndex += 1;
    }
  }

  report(): Buffer {
    const ntp = Buffer.alloc(8);
    const now = performance.now();
    writeNtp(ntp, 0, performance.timeOrigin + now);
    const { ssrc, packets, octets } = this;
    return senderReport({ ssrc, ntp, timestamp: this.timestampAt(now), packets, octets });
  }

  #protect(
    { marker, timestamp, extensions = [], stamped }: OutgoingPacket,
    payload: Buffer,
    { ssrc, payloadType, index }: { ssrc: number; payloadType: number; index: number },
  ): Buffer[] | undefined {
    const all = [...extensions];
    const wide = this.#options.transportSequence?.();
    if (wide !== undefined) all.push({ id: extensionIds.transportCc, data: Buffer.from([wide >> 8, wide & 0xff]) });
    if (stamped) all.push({ id: extensionIds.captureTime, data: timeStamp() });
    const header = writeHeader({ payloadType, marker, sequence: index & 0xffff, timestamp, ssrc, extensions: all });
    return this.#connection.sendRtp(header, payload, index);
  }
}

function timeStamp(): Buffer {
  const data = Buffer.alloc(8);
  writeNtp(data, 0, wallMs());
  return data;
}
