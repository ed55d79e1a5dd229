import { expect, test } from 'vitest';
import { Histogram } from '../../load/Histogram.ts';
import { ReceivedStream } from '../../load/receiving/ReceivedStream.ts';
import { writeHeader } from '../../load/rtp/header.ts';
import { writeNtp } from '../../load/rtp/wallClock.ts';

function streamOf() {
  const latency = new Histogram();
  const stream = new ReceivedStream({ ssrc: 5, clockRate: 90_000, captureTimeId: 10, latency });
  const packet = (sequence: number, timestamp = 0, sentAt?: number) => {
    const data = Buffer.alloc(8);
    if (sentAt !== undefined) writeNtp(data, 0, sentAt);
    return writeHeader({
      payloadType: 96,
      marker: false,
      sequence,
      timestamp,
      ssrc: 5,
      extensions: sentAt === undefined ? [] : [{ id: 10, data }],
    });
  };
  return { stream, latency, packet };
}

test('nothing is lost over the end of the numbers, nor by packets that change places', () => {
  const { stream, packet } = streamOf();
  for (const sequence of [65_533, 65_535, 65_534, 0, 2, 1]) stream.receive(packet(sequence), 10);
  expect(stream.counters).toMatchObject({ packets: 6, lost: 0 });
  expect(stream.highestIndex).toBe(65_538);
  for (const sequence of [5, 6]) stream.receive(packet(sequence), 10);
  expect(stream.lost, '3 and 4').toBe(2);
  stream.receive(packet(4), 10);
  expect(stream.lost, '4 was late').toBe(1);
});

test('a report tells what is new since the last', () => {
  const { stream, packet } = streamOf();
  for (const sequence of [0, 1, 2, 3]) stream.receive(packet(sequence), 10);
  expect(stream.report(20)).toMatchObject({
    ssrc: 5,
    fractionLost: 0,
    totalLost: 0,
    highestSequence: 3,
    lastReport: 0,
  });
  for (const sequence of [5, 7]) stream.receive(packet(sequence), 10);
  stream.senderReported(Buffer.from('0000111122220000', 'hex'), 1000);
  expect(stream.report(1500)).toMatchObject({
    fractionLost: 128,
    totalLost: 2,
    highestSequence: 7,
    lastReport: 0x11112222,
    delaySinceLastReport: 32_768,
  });
});

test('a stream that begins anew has not lost what lies between', () => {
  const { stream, packet } = streamOf();
  for (const sequence of [100, 101, 40_000, 40_001]) stream.receive(packet(sequence), 10);
  expect(stream.counters).toMatchObject({ packets: 4, lost: 0 });
});

test('the longest gap, also one that has not ended', () => {
  const { stream, packet } = streamOf();
  expect(stream.longestGapUntil(50)).toBe(0);
  stream.receive(packet(1), 100);
  stream.receive(packet(2), 130);
  stream.receive(packet(3), 140);
  expect(stream.longestGapUntil(150)).toBe(30);
  expect(stream.longestGapUntil(240)).toBe(100);
  stream.restartGap(200);
  expect(stream.longestGapUntil(210)).toBe(10);
});

test('jitter is none where packets come as they were sent', () => {
  const { stream, packet } = streamOf();
  for (let frame = 0; frame < 50; frame += 1) stream.receive(packet(frame, frame * 3000), frame * (1000 / 30));
  expect(stream.jitterMs).toBeLessThan(0.01);
  for (let frame = 50; frame < 200; frame += 1) {
    stream.receive(packet(frame, frame * 3000), frame * (1000 / 30) + (frame % 2) * 8);
  }
  expect(stream.jitterMs, 'each second one 8 ms late').toBeCloseTo(8, 0);
});

test('the time since the packet was sent', () => {
  const { stream, latency, packet } = streamOf();
  const now = performance.now();
  stream.receive(packet(1, 0, performance.timeOrigin + now - 7), now);
  stream.receive(packet(2), now);
  expect(latency.count).toBe(1);
  expect(latency.max).toBeCloseTo(7, 2);
});
