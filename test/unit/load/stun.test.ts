import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { bindingRequestFor, find, isStun, readAnswer, seal } from '../../load/transport/stun.ts';

const credentials = {
  remoteFragment: 'server',
  remotePassword: 'a password of the server',
  localFragment: 'client',
  tieBreaker: Buffer.alloc(8, 7),
};

test('a check names both sides, nominates, and carries integrity and fingerprint', () => {
  const request = bindingRequestFor(credentials);
  expect(isStun(request)).toBe(true);
  expect(request.readUInt16BE(0), 'binding request').toBe(1);
  expect(request.readUInt16BE(2), 'length without the header').toBe(request.length - 20);
  expect(find(request, 0x0006)?.value.toString()).toBe('server:client');
  expect(find(request, 0x0025)?.value).toEqual(Buffer.alloc(0));
  expect(find(request, 0x802a)?.value).toEqual(credentials.tieBreaker);
  const fingerprint = find(request, 0x8028);
  const covered = request.subarray(0, fingerprint?.at);
  expect(fingerprint?.value.readUInt32BE()).toBe((crc32(covered) ^ 0x5354554e) >>> 0);
});

test('the message integrity is that of RFC 5769, 2.1', () => {
  // The sample request of the RFC: its attributes, its password, and what must come out.
  const transactionId = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');
  const attributes = Buffer.from(
    '802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020',
    'hex',
  );
  const message = seal(0x0001, transactionId, attributes, 'VOkJxbRl1RmTxUk/WvJxBt');
  expect(find(message, 0x0008)?.value.toString('hex')).toBe('9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2');
  expect(find(message, 0x8028)?.value.toString('hex')).toBe('e57a3bcf');
});

test('an answer counts only with the password, and errors are told', () => {
  const transactionId = randomBytes(12);
  const success = seal(0x0101, transactionId, Buffer.alloc(0), credentials.remotePassword);
  expect(readAnswer(success, credentials.remotePassword)).toEqual({ kind: 'success', transactionId });
  expect(readAnswer(success, 'another password')).toEqual({ kind: 'other' });
  const refused = seal(0x0111, transactionId, Buffer.from('0009000400000457', 'hex'), credentials.remotePassword);
  expect(readAnswer(refused, credentials.remotePassword)).toEqual({ kind: 'error', transactionId, code: 487 });
  expect(readAnswer(success.subarray(0, 30), credentials.remotePassword)).toEqual({ kind: 'other' });
  expect(readAnswer(Buffer.from('no STUN at all, but long enough'), 'x')).toEqual({ kind: 'other' });
});
