/** RTCP packets (RFC 3550, 6; RFC 4585; RFC 5104), written and read. */

const type = { senderReport: 200, receiverReport: 201, transportFeedback: 205, payloadFeedback: 206 } as const;
const format = { nack: 1, pli: 1, fir: 4 } as const;

export interface ReportBlock {
  ssrc: number;
  /** Lost since the last report, of 256. */
  fractionLost: number;
  totalLost: number;
  /** The highest sequence number with the number of its roll-overs above it, 32 bits. */
  highestSequence: number;
  /** In units of the stream's clock. */
  jitter: number;
  /** The middle of the NTP time of the last sender report; 0 before the first. */
  lastReport: number;
  /** Since then, in 1/65,536 s. */
  delaySinceLastReport: number;
}

/** How many blocks one report can hold. */
const mostBlocks = 31;

function head(count: number, packetType: number, bytes: number): Buffer {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(0x80 | count, 0);
  packet.writeUInt8(packetType, 1);
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  return packet;
}

/** As many receiver reports as the blocks need, in one compound packet. */
export function receiverReports(sender: number, blocks: readonly ReportBlock[]): Buffer {
  const packets: Buffer[] = [];
  for (let from = 0; from === 0 || from < blocks.length; from += mostBlocks) {
    const some = blocks.slice(from, from + mostBlocks);
    const packet = head(some.length, type.receiverReport, 8 + 24 * some.length);
    packet.writeUInt32BE(sender, 4);
    some.forEach((block, place) => {
      writeBlock(packet, 8 + 24 * place, block);
    });
    packets.push(packet);
  }
  return Buffer.concat(packets);
}

function writeBlock(packet: Buffer, at: number, block: ReportBlock): void {
  packet.writeUInt32BE(block.ssrc, at);
  packet.writeUInt8(block.fractionLost, at + 4);
  packet.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.totalLost)), at + 5, 3);
  packet.writeUInt32BE(block.highestSequence, at + 8);
  packet.writeUInt32BE(block.jitter, at + 12);
  packet.writeUInt32BE(block.lastReport, at + 16);
  packet.writeUInt32BE(block.delaySinceLastReport, at + 20);
}

export interface SenderReport {
  ssrc: number;
  /** NTP's 64-bit format. */
  ntp: Buffer;
  timestamp: number;
  packets: number;
  octets: number;
}

export function senderReport({ ssrc, ntp, timestamp, packets, octets }: SenderReport): Buffer {
  const packet = head(0, type.senderReport, 28);
  packet.writeUInt32BE(ssrc, 4);
  ntp.copy(packet, 8, 0, 8);
  packet.writeUInt32BE(timestamp, 16);
  packet.writeUInt32BE(packets >>> 0, 20);
  packet.writeUInt32BE(octets >>> 0, 24);
  return packet;
}

export function pictureLossIndication(sender: number, media: number): Buffer {
  const packet = head(format.pli, type.payloadFeedback, 12);
  packet.writeUInt32BE(sender, 4);
  packet.writeUInt32BE(media, 8);
  return packet;
}

export type RtcpEvent =
  | { kind: 'sender-report'; ssrc: number; ntp: Buffer }
  | { kind: 'key-frame'; ssrc: number }
  | { kind: 'nack'; ssrc: number; sequences: number[] };

/** What a compound packet says that a client has to act on; the rest is passed over. */
export function readRtcp(compound: Buffer): RtcpEvent[] {
  const events: RtcpEvent[] = [];
  let at = 0;
  while (at + 4 <= compound.length) {
    const bytes = 4 * (compound.readUInt16BE(at + 2) + 1);
    const packet = compound.subarray(at, at + bytes);
    if (packet.length < bytes) break;
    events.push(...readPacket(packet));
    at += bytes;
  }
  return events;
}

function readPacket(packet: Buffer): RtcpEvent[] {
  const count = packet.readUInt8(0) & 0x1f;
  const packetType = packet.readUInt8(1);
  if (packetType === type.senderReport && packet.length >= 28) {
    return [{ kind: 'sender-report', ssrc: packet.readUInt32BE(4), ntp: Buffer.from(packet.subarray(8, 16)) }];
  }
  if (packet.length < 12) return [];
  const media = packet.readUInt32BE(8);
  if (packetType === type.payloadFeedback && count === format.pli) return [{ kind: 'key-frame', ssrc: media }];
  if (packetType === type.payloadFeedback && count === format.fir) return fullIntraRequests(packet);
  if (packetType === type.transportFeedback && count === format.nack) {
    return [{ kind: 'nack', ssrc: media, sequences: nackedSequences(packet) }];
  }
  return [];
}

function fullIntraRequests(packet: Buffer): RtcpEvent[] {
  const events: RtcpEvent[] = [];
  for (let at = 12; at + 8 <= packet.length; at += 8) {
    events.push({ kind: 'key-frame', ssrc: packet.readUInt32BE(at) });
  }
  return events;
}

/** Each entry names one packet, and by a bit mask some of the sixteen after it (RFC 4585, 6.2.1). */
function nackedSequences(packet: Buffer): number[] {
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const mask = packet.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1) if (mask & (1 << bit)) sequences.push((first + bit + 1) & 0xffff);
  }
  return sequences;
}
