import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { trustOf } from '../../../src/proxies.ts';
import type { Rate } from '../../../src/room/TokenBucket.ts';
import { anyHost, localHosts } from '../../../src/servedHosts.ts';
import { Entrance } from '../../../src/signaling/Entrance.ts';
import { Limits } from '../../../src/signaling/Limits.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const rate = (perSecond: number, burst: number): Rate => ({ perSecond, burst });
const wide = { socket: rate(1e6, 1e6), identity: rate(1e6, 1e6), address: rate(1e6, 1e6), room: rate(1e6, 1e6) };

function setUp({ address = rate(1e6, 1e6), strangers = 0, trusted = false, servedHosts = anyHost } = {}) {
  const clock = new FakeClock();
  const limits = new Limits(clock, {
    limitConnects: { ...wide, address },
    limitPolling: { address: { perSecond: 1e6, burst: 1e6 } },
    limitJoins: wide,
    limitRequests: wide,
    limitChat: wide,
    limitData: wide,
    maxPending: 8,
    maxAddressSockets: 1000,
    maxIdentitySockets: 1000,
  });
  const entrance = new Entrance({
    limits,
    allowedOrigins: ['https://app.example.org'],
    servedHosts,
    trust: trustOf(trusted ? ['10.0.0.1'] : []),
    isOpen: () => false,
    isOwn: () => false,
    farewellTo: () => undefined,
    wasShown: () => false,
    isFull: () => false,
    strangers: () => strangers,
    verifyToken: () => Promise.reject(new PlenumError('unauthorized', 'no')),
    log: createLog({ level: 'silent', format: 'json' }),
  });
  const ask = (headers: Record<string, string> = {}) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: '10.0.0.1' });
    const request = new IncomingMessage(socket);
    Object.assign(request.headers, { host: 'meet.example.org', ...headers });
    const answers: unknown[] = [];
    entrance.allowRequest(request, (message, success) => answers.push(success || message));
    expect(answers).toHaveLength(1);
    return answers[0];
  };
  return { ask, clock, entrance, limits };
}

test.each<[unknown, Record<string, string>]>([
  [true, {}],
  [true, { origin: 'https://meet.example.org' }],
  [true, { origin: 'https://app.example.org' }],
  ['Origin not allowed', { origin: 'https://app.example.org.evil.example' }],
  ['Origin not allowed', { origin: 'https://evil.example' }],
  ['Origin not allowed', { origin: 'http://app.example.org' }],
  ['Origin not allowed', { origin: 'null' }],
  ['Origin not allowed', { origin: '' }],
])('%s: %j', (answer, headers) => {
  expect(setUp().ask(headers)).toBe(answer);
});

test('who asks for another host is refused, where this machine alone is served', () => {
  const { ask } = setUp({ servedHosts: localHosts() });
  const page = (host: string) => ask({ host, origin: `http://${host}` });
  expect([page('localhost:3000'), page('127.0.0.1'), page('[::1]:3000')]).toEqual([true, true, true]);
  expect([page('rebound.example:3000'), ask({ host: '' })]).toEqual(['Host not served', 'Host not served']);
});

test('strangers of one address take half the places at most', () => {
  const { ask, limits } = setUp();
  const connections = Array.from({ length: 2500 }, () => limits.opened('10.0.0.1'));
  expect(ask()).toBe('Too many connections');
  connections[0]?.letIn();
  expect(ask()).toBe(true);
  limits.opened('10.0.0.1');
  expect(ask()).toBe('Too many connections');
  connections[1]?.gone();
  expect(ask()).toBe(true);
  // Who has been let in goes as well, and is no stranger twice.
  connections[0]?.gone();
  limits.opened('10.0.0.1');
  expect(ask()).toBe('Too many connections');
});

test('pages of other sites cost an address nothing', () => {
  const { ask } = setUp({ address: rate(1, 1) });
  for (let index = 0; index < 100; index += 1) ask({ origin: 'https://evil.example' });
  expect(ask()).toBe(true);
});

test('of too many connections some are told why, the others nothing but a constant text', () => {
  const { ask } = setUp({ address: rate(10, 20) });
  const answers = Array.from({ length: 100 }, () => ask());
  expect(answers.filter((answer) => answer === true)).toHaveLength(22);
  expect(new Set(answers.slice(22))).toEqual(new Set(['Too many connections']));
});

test('an address is what a trusted proxy says that it is', () => {
  const { ask } = setUp({ address: rate(1, 1), trusted: true });
  const from = (address: string) => ask({ 'x-forwarded-for': address });
  expect([from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.2')]).toEqual([true, true, true]);
  expect([from('192.0.2.1'), from('192.0.2.1')], 'the first of these is told why').toEqual([
    true,
    'Too many connections',
  ]);
});

test('where very many connections have not said who they are, no others come', () => {
  expect(setUp({ strangers: 4999 }).ask()).toBe(true);
  expect(setUp({ strangers: 5000 }).ask()).toBe('Too many connections');
});

test('a refusal carries when to come again, and nothing of what is behind it', () => {
  const { entrance } = setUp();
  const error = new PlenumError('rate-limited', 'later', { retryAfterMs: 700, cause: new Error('a secret') });
  expect(entrance.refusal(error)).toMatchObject({
    message: 'later',
    data: { code: 'rate-limited', message: 'later', retryAfterMs: 700 },
  });
  expect(Object.keys(Object(entrance.refusal(new Error('a secret'))).data)).toEqual(['code', 'message']);
  expect(entrance.refusal(new Error('a secret')).message).toBe('the server failed');
});
