import { expect, test } from 'vitest';
import { RtcpHeader, RunLengthChunk, TransportWideCC } from 'werift';
import { TransportFeedback } from '../../load/receiving/TransportFeedback.ts';

/** As werift reads it: which packets came, by their numbers. */
function read(packet: Buffer | undefined) {
  if (!packet) throw new Error('there is no feedback');
  const parsed = TransportWideCC.deSerialize(packet.subarray(4), RtcpHeader.deSerialize(packet.subarray(0, 4)));
  const symbols = parsed.packetChunks.flatMap((chunk) =>
    chunk instanceof RunLengthChunk
      ? Array.from({ length: chunk.runLength }, () => Number(chunk.packetStatus))
      : chunk.symbolList,
  );
  const results = symbols
    .slice(0, parsed.packetStatusCount)
    .map((symbol, place) => [(parsed.baseSequenceNumber + place) & 0xffff, symbol !== 0]);
  return { parsed, results };
}

test('what came and what is missing, in the order of the numbers, also over their end', () => {
  const feedback = new TransportFeedback();
  feedback.note(65_534, 1000);
  feedback.note(65_535, 1001);
  feedback.note(2, 1003);
  feedback.note(1, 1004);
  const { parsed, results } = read(feedback.take(1, 2));
  expect(parsed).toMatchObject({ senderSsrc: 1, mediaSourceSsrc: 2, baseSequenceNumber: 65_534, fbPktCount: 0 });
  expect(results).toEqual([
    [65_534, true],
    [65_535, true],
    [0, false],
    [1, true],
    [2, true],
  ]);
  // 1,000 ms lie 40 ms after the reference, and the last came before the one before it.
  expect(parsed.referenceTime).toBe(15);
  expect(parsed.recvDeltas.map(({ delta }) => delta)).toEqual([40_000, 1000, 3000, -1000]);
});

test('the next feedback goes on where the last ended', () => {
  const feedback = new TransportFeedback();
  feedback.note(10, 500);
  feedback.take(1, 2);
  expect(feedback.take(1, 2)).toBeUndefined();
  feedback.note(12, 520);
  feedback.note(9, 530);
  const { parsed, results } = read(feedback.take(1, 2));
  expect(parsed.fbPktCount).toBe(1);
  expect(results).toEqual([
    [11, false],
    [12, true],
  ]);
});

test('long runs and mixtures', () => {
  const feedback = new TransportFeedback();
  const missing = new Set([3, 5, 6, 90, 91, 92, 93, 94, 95, 96, 97, 98, 120]);
  for (let sequence = 0; sequence < 200; sequence += 1) {
    if (!missing.has(sequence)) feedback.note(sequence, 2000 + sequence * 0.25);
  }
  const { results } = read(feedback.take(1, 2));
  expect(results).toEqual(Array.from({ length: 200 }, (_, sequence) => [sequence, !missing.has(sequence)]));
});

test('it says when it is full, and then takes no more', () => {
  const feedback = new TransportFeedback();
  let noted = 0;
  while (!feedback.full) {
    feedback.note(noted & 0xffff, noted);
    noted += 1;
  }
  feedback.note(noted, noted);
  const { results } = read(feedback.take(1, 2));
  expect(results).toHaveLength(noted);
  expect(noted).toBe(400);
});
