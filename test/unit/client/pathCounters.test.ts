import { expect, test } from 'vitest';
import { PathCounters } from '../../../src/client/pathCounters.ts';

const pair = (values: Record<string, unknown>) => ({ type: 'candidate-pair', ...values });
const chosen = (selectedCandidatePairId: string) => ({ type: 'transport', selectedCandidatePairId });
const report = (entries: Record<string, unknown>) => new Map(Object.entries(entries));

test('counts on the pair that is used, with the checks of both kinds', () => {
  const counters = new PathCounters();
  const first = report({
    t: chosen('a'),
    a: pair({ packetsReceived: 10, requestsSent: 1, consentRequestsSent: 2, responsesReceived: 3 }),
    b: pair({ packetsReceived: 5, requestsSent: 4, responsesReceived: 1, nominated: true, currentRoundTripTime: 9 }),
    other: { type: 'inbound-rtp', packetsReceived: 1000 },
  });
  expect(counters.read(first)).toEqual({ packets: 10, checks: 3, answers: 3, elsewhere: 1, roundTripMs: undefined });
});

test('never falls when a restart brings another pair, whose earlier checks do not count', () => {
  const counters = new PathCounters();
  const old = pair({ packetsReceived: 100, requestsSent: 9, responsesReceived: 9 });
  counters.read(report({ t: chosen('a'), a: old, b: pair({ requestsSent: 3, responsesReceived: 2 }) }));
  const before = counters.read(report({ t: chosen('a'), a: old, b: pair({ requestsSent: 5, responsesReceived: 4 }) }));
  expect(before).toMatchObject({ packets: 100, checks: 9, answers: 9 });
  const after = counters.read(
    report({
      t: chosen('b'),
      b: pair({ packetsReceived: 2, requestsSent: 6, responsesReceived: 5, currentRoundTripTime: 0.05 }),
    }),
  );
  expect(after).toEqual({ packets: 102, checks: 10, answers: 10, elsewhere: 4, roundTripMs: 50 });
});

test('takes the nominated pair where the transport names none, bytes for packets where those are not counted', () => {
  const counters = new PathCounters();
  const found = report({
    a: pair({ bytesReceived: 2000, nominated: true }),
    b: null,
    c: 'x',
    d: pair({ bytesReceived: 9 }),
  });
  expect(counters.read(found).packets).toBe(10);
});
