import { expect, test } from 'vitest';
import {
  deriveKeys,
  openRtcp,
  openRtp,
  protectRtcp,
  protectRtp,
  sessionKeys,
  srtpProfiles,
} from '../../load/transport/srtp.ts';

const exported = Buffer.from(Array.from({ length: 88 }, (_, index) => (index * 37 + 5) & 0xff));

test.each([srtpProfiles.aes128, srtpProfiles.aes256])('what profile %i protects, only its keys open', (profile) => {
  const { client, server } = sessionKeys(profile, (length) => exported.subarray(0, length));
  const header = Buffer.from('9060ffff00000001000000aabede0001510100ff', 'hex');
  const payload = Buffer.from('a payload');
  const index = 0x1_ffff;
  const packet = Buffer.concat(protectRtp(client, header, payload, index));
  expect(packet.length).toBe(header.length + payload.length + 16);
  expect(openRtp(client, packet, header.length, index)).toEqual(payload);
  expect(openRtp(server, packet, header.length, index), 'keys of the other direction').toBeUndefined();
  expect(openRtp(client, packet, header.length, index - 0x1_0000), 'another roll-over').toBeUndefined();
  const rtcp = Buffer.from('81c9000700000001000000aa0000000000000000000000000000000000000000', 'hex');
  const protectedRtcp = protectRtcp(client, rtcp, 7);
  expect(protectedRtcp.subarray(-4).toString('hex'), 'encrypted, and its number').toBe('80000007');
  expect(openRtcp(client, protectedRtcp)).toEqual(rtcp);
  protectedRtcp.writeUInt8(protectedRtcp.readUInt8(9) ^ 1, 9);
  expect(openRtcp(client, protectedRtcp), 'damaged').toBeUndefined();
});

test('keys are derived as in RFC 3711, B.3', () => {
  // The RFC's own example has a salt of 112 bits; of the 96 bits of GCM the last two bytes are zero.
  const key = Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex');
  const salt = Buffer.from('0ec675ad498afeebb6960b3a', 'hex');
  const { rtpSalt, cipher, rtpKey } = deriveKeys(key, salt);
  expect(cipher).toBe('aes-128-gcm');
  expect(rtpKey.symmetricKeySize).toBe(16);
  expect(rtpSalt.length).toBe(12);
  expect(deriveKeys(key, salt).rtpSalt, 'the same each time').toEqual(rtpSalt);
});
