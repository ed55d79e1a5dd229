import { expect, test } from 'vitest';
import { audioLevel, extensionData } from '../../../src/media/rtp.ts';
import { findExtension, headerLength, writeHeader } from '../../load/rtp/header.ts';
import { pictureLossIndication, readRtcp, receiverReports, senderReport } from '../../load/rtp/rtcp.ts';
import { isKeyFrame, startsKeyFrame, writeDescriptor } from '../../load/rtp/vp8.ts';
import { compactNtp, readNtp, writeNtp } from '../../load/rtp/wallClock.ts';

const fields = { payloadType: 96, marker: true, sequence: 65_535, timestamp: 4_000_000_000, ssrc: 0xdeadbeef };

test('a header without extensions has twelve bytes', () => {
  const header = writeHeader({ ...fields, extensions: [] });
  expect(header.toString('hex')).toBe('80e0ffffee6b2800deadbeef');
  expect(headerLength(header)).toBe(12);
  expect(findExtension(header, 6)).toBe(0);
});

test("extensions are found again, by the load client and by the server's own reader", () => {
  const time = Buffer.alloc(8);
  const now = Date.now() + 0.25;
  writeNtp(time, 0, now);
  const extensions = [
    { id: 6, data: Buffer.from([0x80 | 25]) },
    { id: 10, data: time },
  ];
  const header = writeHeader({ ...fields, extensions });
  const packet = Buffer.concat([header, Buffer.from('payload')]);
  expect(headerLength(packet)).toBe(header.length);
  expect(header.length % 4).toBe(0);
  expect(audioLevel(packet, 6)).toBe(-25);
  const at = extensionData(packet, 10);
  expect(packet.subarray(at, at + 8)).toEqual(time);
  expect(readNtp(packet, findExtension(packet, 10))).toBeCloseTo(now, 3);
  expect(findExtension(packet, 7)).toBe(0);
});

test('padding between extensions is passed over', () => {
  const header = Buffer.from('90e0000100000001000000aabede0002510102000061aa00', 'hex');
  expect(findExtension(header, 5)).toBe(17);
  expect(findExtension(header, 6)).toBe(22);
});

test('the middle of an NTP time', () => {
  const ntp = Buffer.from('1122334455667788', 'hex');
  expect(compactNtp(ntp, 0)).toBe(0x33445566);
});

test('the payload descriptor has a picture id of 15 bits, the number of the base layer and the layer', () => {
  const descriptor = writeDescriptor({
    start: true,
    discardable: true,
    pictureId: 0x7abc,
    tl0PictureIndex: 0x12,
    temporalLayer: 2,
    layerSync: true,
  });
  expect(descriptor.toString('hex')).toBe('b0e0fabc12a0');
});

test('the first packet of a key frame is known from the first bytes', () => {
  const descriptor = (start: boolean) =>
    writeDescriptor({
      start,
      discardable: false,
      pictureId: 1,
      tl0PictureIndex: 1,
      temporalLayer: 0,
      layerSync: false,
    });
  const keyFrame = Buffer.from([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a]);
  const laterFrame = Buffer.from([0x11, 0x02, 0x00]);
  expect([isKeyFrame(keyFrame), isKeyFrame(laterFrame)]).toEqual([true, false]);
  expect(startsKeyFrame(Buffer.concat([descriptor(true), keyFrame]))).toBe(true);
  expect(startsKeyFrame(Buffer.concat([descriptor(false), keyFrame]))).toBe(false);
  expect(startsKeyFrame(Buffer.concat([descriptor(true), laterFrame]))).toBe(false);
  expect(startsKeyFrame(Buffer.from([0x10, 0x10])), 'a descriptor of one byte').toBe(true);
  expect(startsKeyFrame(Buffer.alloc(0))).toBe(false);
});

test('requests for key frames and packets are read out of a compound packet', () => {
  const report = senderReport({
    ssrc: 5,
    ntp: Buffer.from('0102030405060708', 'hex'),
    timestamp: 9,
    packets: 1,
    octets: 2,
  });
  const nack = Buffer.from('81cd000300000001000000aa00100005', 'hex');
  const fir = Buffer.from('84ce00040000000100000000000000bb07000000', 'hex');
  expect(readRtcp(Buffer.concat([report, pictureLossIndication(1, 0xcc), nack, fir]))).toEqual([
    { kind: 'sender-report', ssrc: 5, ntp: Buffer.from('0102030405060708', 'hex') },
    { kind: 'key-frame', ssrc: 0xcc },
    { kind: 'nack', ssrc: 0xaa, sequences: [16, 17, 19] },
    { kind: 'key-frame', ssrc: 0xbb },
  ]);
  expect(readRtcp(report.subarray(0, 20)), 'cut short').toEqual([]);
});

test('reports of more than 31 streams take several packets', () => {
  const block = (ssrc: number) => ({
    ssrc,
    fractionLost: 128,
    totalLost: -1,
    highestSequence: 70_000,
    jitter: 3,
    lastReport: 4,
    delaySinceLastReport: 5,
  });
  const reports = receiverReports(
    1,
    Array.from({ length: 33 }, (_, index) => block(index)),
  );
  expect(reports.length).toBe(8 + 31 * 24 + 8 + 2 * 24);
  expect(reports.readUInt8(0)).toBe(0x80 | 31);
  expect(reports.subarray(8 + 31 * 24, 8 + 31 * 24 + 4).toString('hex')).toBe('82c9000d');
  expect(reports.subarray(8, 32).toString('hex')).toBe('0000000080ffffff00011170000000030000000400000005');
  expect(receiverReports(1, []).toString('hex'), 'an empty one keeps the connection known').toBe('80c9000100000001');
});
