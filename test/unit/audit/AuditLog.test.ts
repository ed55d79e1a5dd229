import { expect, test } from 'vitest';
import { type AuditEntry, AuditLog } from '../../../src/audit/AuditLog.ts';
import { FakeClock } from '../../support/FakeClock.ts';

function open() {
  const clock = new FakeClock();
  const lines: Record<string, unknown>[] = [];
  const audit = new AuditLog(clock, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { clock, lines, audit };
}

const ada = { kind: 'participant', identity: 'ada', participantId: 'p1' } as const;
const refusal: AuditEntry = { actor: ada, address: '10.0.0.1', action: 'remove', room: 'r', outcome: 'forbidden' };

test('a line says when, who, from where, what, where, to whom, and what came of it', () => {
  const { audit, lines } = open();
  audit.record({
    ...refusal,
    params: { participantId: 'p2', ban: true },
    target: 'bob',
    outcome: 'done',
  });
  audit.record({
    actor: { kind: 'application', name: 'billing' },
    action: 'rooms.end',
    room: 'r',
    outcome: 'not-found',
  });
  expect(lines).toEqual([
    {
      log: 'audit',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      actor: ada,
      address: '10.0.0.1',
      action: 'remove',
      params: { participantId: 'p2', ban: true },
      room: 'r',
      target: 'bob',
      outcome: 'done',
    },
    expect.objectContaining({ actor: { kind: 'application', name: 'billing' }, outcome: 'not-found' }),
  ]);
});

test('what people say and what is secret has no place in it, and neither has what is very large', () => {
  const { audit, lines } = open();
  audit.record({ ...refusal, outcome: 'done', params: { text: 'hello', to: ['bob'], more: { token: 'x', n: 1 } } });
  audit.record({ ...refusal, outcome: 'done', params: { metadata: { a: 'x'.repeat(5000) } } });
  expect(lines.map(({ params }) => params)).toEqual([
    { to: ['bob'], more: { n: 1 } },
    { characters: 5021, names: ['metadata'] },
  ]);
});

test('of what is refused to one address again and again some is written, and how much was not', () => {
  const { audit, lines, clock } = open();
  for (let attempt = 0; attempt < 1000; attempt += 1) audit.record(refusal);
  expect(lines).toHaveLength(20);
  // What is done has a line each, and others' attempts are seen.
  for (let attempt = 0; attempt < 100; attempt += 1) audit.record({ ...refusal, outcome: 'done' });
  expect(lines).toHaveLength(120);
  audit.record({ ...refusal, address: '10.0.0.2' });
  expect(lines.at(-1)).toMatchObject({ address: '10.0.0.2', omitted: 980 });
  clock.advance(10_000);
  audit.record(refusal);
  expect(lines.at(-1)).not.toHaveProperty('omitted');
});

test('the addresses of one IPv6 network are one', () => {
  const { audit, lines } = open();
  for (let host = 0; host < 100; host += 1) audit.record({ ...refusal, address: `2001:db8::${host}` });
  expect(lines).toHaveLength(20);
  audit.record({ ...refusal, address: '2001:db8:0:1::1' });
  expect(lines).toHaveLength(21);
});

test('from many addresses as well, so that nobody fills the disk', () => {
  const { audit, lines, clock } = open();
  const wave = () => {
    for (let host = 0; host < 5000; host += 1) audit.record({ ...refusal, address: `10.0.${host >> 8}.${host & 255}` });
  };
  wave();
  expect(lines).toHaveLength(200);
  clock.advance(60_000);
  wave();
  expect(lines).toHaveLength(260);
});

test('after the end nothing is written any more', async () => {
  const { audit, lines } = open();
  await audit.close();
  audit.record(refusal);
  expect(lines).toEqual([]);
});
