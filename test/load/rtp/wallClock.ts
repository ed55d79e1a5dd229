/** Seconds from the epoch of NTP (1900) to that of Unix (1970), RFC 5905. */
const ntpOffsetSeconds = 2_208_988_800;
const fractions = 2 ** 32;

/**
 * Milliseconds since 1970 by the monotonic clock: set once by the wall clock when the process started, so that a
 * difference between two readings is true, and so is one between two processes of a machine.
 */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Writes a time in NTP's 64-bit format: seconds since 1900 and 2^-32 fractions. */
export function writeNtp(buffer: Buffer, at: number, milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  buffer.writeUInt32BE(seconds + ntpOffsetSeconds, at);
  buffer.writeUInt32BE(Math.floor(((milliseconds - seconds * 1000) / 1000) * fractions), at + 4);
}

/** Milliseconds since 1970 from NTP's 64-bit format. */
export function readNtp(buffer: Buffer, at: number): number {
  return (buffer.readUInt32BE(at) - ntpOffsetSeconds) * 1000 + (buffer.readUInt32BE(at + 4) / fractions) * 1000;
}

/** The middle 32 bits of an NTP time, in which RTCP measures delays: 1/65,536 s (RFC 3550, 4). */
export function compactNtp(buffer: Buffer, at: number): number {
  return ((buffer.readUInt32BE(at) & 0xffff) * 65_536 + (buffer.readUInt32BE(at + 4) >>> 16)) >>> 0;
}
