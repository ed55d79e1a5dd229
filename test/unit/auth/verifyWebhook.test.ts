import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type VerifyWebhookOptions, verifyWebhook } from '../../../src/auth/index.ts';
import { isWebhookSecret, webhookHeaders } from '../../../src/auth/webhookSignature.ts';
import type { WebhookEvent } from '../../../src/protocol/webhooks.ts';

/** The test vector of Standard Webhooks' own libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** As if they were random, in base64. */
const bytes = (count: number) =>
  Buffer.concat(['one', 'two'].map((text) => createHash('sha512').update(text).digest()))
    .subarray(0, count)
    .toString('base64');
const now = 1_800_000_000;

const event: WebhookEvent = {
  id: 'event-1',
  type: 'participant.left',
  timestamp: '2027-01-15T08:00:00.000Z',
  data: {
    room: { name: 'daily', sessionId: 'session-1' },
    participant: {
      participantId: 'p1',
      identity: 'ada',
      displayName: 'Ada',
      hidden: false,
      joinedAt: now * 1000 - 5000,
    },
    reason: 'left',
    durationMs: 5000,
  },
};

beforeEach(() => {
  vi.useFakeTimers({ now: now * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function sent(what: object = event, secrets = [vector.secret], timestamp = now) {
  const body = JSON.stringify(what);
  return { secrets: vector.secret, body, headers: webhookHeaders(secrets, { id: event.id, timestamp, body }) };
}

function refusal(options: VerifyWebhookOptions): unknown {
  try {
    return verifyWebhook(options);
  } catch (error) {
    return error;
  }
}

test("signatures are those of Standard Webhooks' test vector", () => {
  expect(webhookHeaders([vector.secret], vector)).toEqual({
    'webhook-id': vector.id,
    'webhook-timestamp': String(vector.timestamp),
    'webhook-signature': vector.signature,
  });
});

test('what the vector says is signed rightly, but no event of ours, and old', () => {
  const headers = webhookHeaders([vector.secret], vector);
  vi.setSystemTime(vector.timestamp * 1000);
  expect(refusal({ secrets: vector.secret, headers, body: vector.body })).toMatchObject({ code: 'bad-request' });
  vi.setSystemTime((vector.timestamp + 301) * 1000);
  expect(refusal({ secrets: vector.secret, headers, body: vector.body })).toMatchObject({
    code: 'unauthorized',
    message: 'the webhook is 301 s old: it was sent again by somebody, or a clock is wrong',
  });
});

describe('an event comes back with its type', () => {
  test.each<[string, (options: ReturnType<typeof sent>) => VerifyWebhookOptions]>([
    ['plain headers', (options) => options],
    ['a Headers object', (options) => ({ ...options, headers: new Headers(options.headers) })],
    [
      'headers of another case',
      ({ headers, ...options }) => ({
        ...options,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
      }),
    ],
    [
      'headers in lists',
      ({ headers, ...options }) => ({
        ...options,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      }),
    ],
    ['a body of bytes', (options) => ({ ...options, body: new TextEncoder().encode(options.body) })],
    ['several secrets', (options) => ({ ...options, secrets: [other, vector.secret] })],
  ])('%s', (_, change) => {
    const verified = verifyWebhook(change(sent()));
    expect(verified).toEqual(event);
    if (verified.type !== 'participant.left') throw new Error('another type');
    expect(verified.data.durationMs).toBe(5000);
  });

  test('fields that this version does not know are passed over', () => {
    const verified = verifyWebhook(sent({ ...event, more: 1, data: { ...event.data, mood: 'good' } }));
    expect(verified).toEqual(event);
  });
});

test('while secrets change, either side may have both', () => {
  const { headers, body } = sent(event, [other, vector.secret]);
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
  for (const secrets of [other, vector.secret, [vector.secret, other]]) {
    expect(verifyWebhook({ secrets, headers, body })).toEqual(event);
  }
});

describe('is refused as unauthorized:', () => {
  const cases: [string, (options: ReturnType<typeof sent>) => VerifyWebhookOptions][] = [
    ['another secret', (options) => ({ ...options, secrets: other })],
    ['another body', (options) => ({ ...options, body: `${options.body} ` })],
    ['another id', ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'webhook-id': 'event-2' } })],
    [
      'another time',
      ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'webhook-timestamp': `${now + 1}` } }),
    ],
    [
      'a time with a zero before it',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'webhook-timestamp': `0${now}` },
      }),
    ],
    ['no time', ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'webhook-timestamp': 'soon' } })],
    ['no signature', ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'webhook-signature': '' } })],
    ['no headers', (options) => ({ ...options, headers: {} })],
    [
      'a signature cut short',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.slice(0, -4) },
      }),
    ],
    [
      'a signature of another version',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.replace('v1,', 'v2,') },
      }),
    ],
    [
      'thousands of signatures',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'webhook-signature': `${'v1,AAAA '.repeat(1000)}${headers['webhook-signature']}` },
      }),
    ],
  ];
  test.each(cases)('%s', (_, change) => {
    expect(refusal(change(sent()))).toMatchObject({ name: 'PlenumError', code: 'unauthorized' });
  });

  test.each([
    [-301, 300, false],
    [-300, 300, true],
    [300, 300, true],
    [301, 300, false],
    [-11, 10, false],
    [10, 10, true],
  ])('a time %i s from now, where %i are allowed: %s', (offset, toleranceSeconds, taken) => {
    const options = { ...sent(event, [vector.secret], now + offset), toleranceSeconds };
    if (taken) expect(verifyWebhook(options)).toEqual(event);
    else expect(refusal(options)).toMatchObject({ code: 'unauthorized' });
  });
});

test('no refusal says anything of the secret or of the right signature', () => {
  const { headers, body } = sent();
  for (const options of [
    { secrets: other, headers, body },
    { secrets: 'whsec_tooshort', headers, body },
    { secrets: vector.secret, headers: { ...headers, 'webhook-signature': 'v1,AAAA' }, body },
  ]) {
    const { message } = refusal(options) as Error;
    expect(message).not.toMatch(/MfKQ9r8G|BwcHBw|tooshort/);
  }
});

test('signed by the right secret, but of another form', () => {
  expect(refusal(sent({ ...event, id: 'event-2' }))).toMatchObject({ code: 'bad-request' });
  expect(refusal(sent({ hello: 'world' }))).toMatchObject({ code: 'bad-request' });
  expect(refusal(sent({ ...event, type: 'lobby.knocked' }))).toMatchObject({ code: 'unsupported' });
  expect(refusal(sent({ ...event, type: 'toString' }))).toMatchObject({ code: 'unsupported' });
  expect(refusal(sent({ ...event, data: {} }))).toMatchObject({ code: 'unsupported' });
  const body = '{';
  const headers = webhookHeaders([vector.secret], { id: event.id, timestamp: now, body });
  expect(refusal({ secrets: vector.secret, headers, body })).toMatchObject({ code: 'bad-request' });
});

test.each([
  [`whsec_${bytes(24)}`, true],
  [`whsec_${bytes(64)}`, true],
  [`whsec_${bytes(65)}`, false],
  [`whsec_${bytes(23)}`, false],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', false],
  ['whsec_', false],
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa w', false],
  ['whsec_MfKQ9r8G-YqrTwjUPD8ILPZIo2LaLaSw', false],
  ['', false],
])('%s is a secret: %s', (secret, right) => {
  expect(isWebhookSecret(secret)).toBe(right);
  const { headers, body } = sent();
  if (!right) expect(refusal({ secrets: secret, headers, body })).toMatchObject({ code: 'bad-request' });
});

test('without any secret', () => {
  expect(refusal({ ...sent(), secrets: [] })).toMatchObject({ code: 'bad-request' });
});
