import { readConfig } from '../../src/config.ts';
import { options } from '../../src/options.ts';

export const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
export const webhookSecret = 'whsec_kT2rW9yXb5uLq8Zc1vNf7Hs0dJg3Pm6A';

export type Name = keyof typeof options;
interface Example {
  right: [string, unknown];
  wrong: string[];
}

const wholeNumbers = (right: number, most: number): Example => ({
  right: [String(right), right],
  wrong: ['-1', String(most + 1), '1.5', '1e3', '0x10', 'many', ' ', 'Infinity', 'NaN', '9'.repeat(400)],
});

const originsExample: Example['right'] = [
  'https://App.example:443, http://localhost:8080',
  ['https://app.example', 'http://localhost:8080'],
];
const wrongOrigins = [
  ' ',
  '*',
  'null',
  'https://*.example',
  'https://app.example/',
  'https://app.example/a',
  'app.example',
];

/** One rate is given, the others stay. */
const limits = (
  name: 'limitConnects' | 'limitJoins' | 'limitRequests' | 'limitChat' | 'limitData',
  ...wrong: string[]
) => ({
  right: [' room=0.5/20 ', { ...readConfig([], {})[name], room: { perSecond: 0.5, burst: 20 } }] as [string, unknown],
  wrong: [
    ' ',
    '5',
    '5/50',
    'room=5',
    'room=0/5',
    'room=5/0.5',
    'room=-1/5',
    'room=1/1e3',
    'planet=1/2',
    'room=1/2,',
    ...wrong,
  ],
});

/** A right value with what it becomes, and wrong ones, for each option; a new option has to be added here. */
export const examples: Record<Name, Example> = {
  port: wholeNumbers(8080, 65_535),
  host: { right: ['127.0.0.1', '127.0.0.1'], wrong: [' '] },
  adminPort: wholeNumbers(9464, 65_535),
  adminHost: { right: ['10.0.0.1', '10.0.0.1'], wrong: [' '] },
  allowedOrigins: { right: originsExample, wrong: wrongOrigins },
  frameAncestors: { right: originsExample, wrong: wrongOrigins },
  trustProxy: {
    right: ['10.0.0.5, 10.1.0.0/16,2001:db8::/32', ['10.0.0.5', '10.1.0.0/16', '2001:db8::/32']],
    wrong: [
      ' ',
      '0',
      '1',
      '1.5',
      'true',
      'proxy.example',
      '10.0.0.0/33',
      '0.0.0.0/0',
      '10.0.0.0/',
      '::/129',
      '10.0.0.1,,',
    ],
  },
  announcedAddress: {
    right: ['203.0.113.9, 2001:db8::1,sfu.example.org', ['203.0.113.9', '2001:db8::1', 'sfu.example.org']],
    wrong: [' ', 'not an address', '300.1.1.1', 'a,,b', '2001:db8::1::2', '-x.org', 'a,b,c,d,e'],
  },
  rtcPort: wholeNumbers(50_000, 65_535),
  workers: { ...wholeNumbers(3, 256), wrong: [...wholeNumbers(3, 256).wrong, '0'] },
  workerMaxConsumers: { ...wholeNumbers(50, 100_000), wrong: ['0', '100001', '1.5'] },
  workerMaxCpu: { right: ['0.5', 0.5], wrong: ['0', '1.1', '50%'] },
  workerMaxParticipants: { ...wholeNumbers(50, 100_000), wrong: ['0', '100001', '1.5'] },
  tlsCert: { right: ['cert.pem', 'cert.pem'], wrong: [' '] },
  tlsKey: { right: ['key.pem', 'key.pem'], wrong: [' '] },
  lan: { right: ['yes', true], wrong: ['2', 'ja', 'TRUE'] },
  tokenSecret: {
    right: [secret, secret],
    wrong: ['short', 'x'.repeat(31), 'x'.repeat(64), 'change-me-change-me-change-me-change-me'],
  },
  tokenKeys: {
    right: ['keys.json', 'keys.json'],
    // The file itself, instead of its path.
    wrong: [' ', '{"keys":[]}', ' [{', '{\n', '-----BEGIN PUBLIC KEY-----', btoa('{"keys":[]}'), 'keys\n.json'],
  },
  open: { right: ['0', false], wrong: ['2', 'ja'] },
  maxParticipants: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  duplicateIdentities: { right: ['allow', 'allow'], wrong: ['both', 'Allow', '1', ' '] },
  fullRoster: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  changeInterval: wholeNumbers(0, 10_000),
  maxPublications: { ...wholeNumbers(20, 256), wrong: ['0', '257'] },
  autoViewVideos: { ...wholeNumbers(9, 1000), wrong: ['0', '1001'] },
  dynacast: { right: ['off', false], wrong: ['2', 'nein'] },
  hiddenGrace: { right: ['2.5', 2.5], wrong: ['-1', '3601', 'long'] },
  audioSpeakers: wholeNumbers(0, 1000),
  chatHistory: wholeNumbers(0, 10_000),
  roomCreation: { right: ['api', 'api'], wrong: ['API', 'nobody', ' '] },
  roomSettings: {
    right: [
      ' {"lobby": true, "maxDurationSeconds": 3600} ',
      { locked: false, lobby: true, screenShare: 'everybody', startMuted: false, maxDurationSeconds: 3600 },
    ],
    wrong: [' ', 'lobby', '{', '[]', '"lobby"', 'null', '{"loby":true}', '{"lobby":1}', '{"maxDurationSeconds":59}'],
  },
  emptyRoomTimeout: { right: ['0.5', 0.5], wrong: ['-1', '86401', 'long', '1,5'] },
  roomGrace: { right: ['0.5', 0.5], wrong: ['-1', '86401', 'long', '1,5'] },
  drainSeconds: { right: ['1.5', 1.5], wrong: ['-1', '86401', 'a minute'] },
  maxRooms: { ...wholeNumbers(8, 1_000_000), wrong: ['0', '1000001', '1.5'] },
  maxHidden: wholeNumbers(0, 10_000),
  maxServerParticipants: { ...wholeNumbers(8, 1_000_000), wrong: ['0', '1000001', '1.5'] },
  maxSubscriptions: { ...wholeNumbers(8, 100_000), wrong: ['0', '100001', '1.5'] },
  maxPending: { ...wholeNumbers(8, 100_000), wrong: ['0', '100001', '1.5'] },
  maxWaiting: { ...wholeNumbers(64, 100_000), wrong: ['0', '100001', '1.5'] },
  maxAddressSockets: { ...wholeNumbers(8, 1_000_000), wrong: ['0', '1000001', '1.5'] },
  maxIdentitySockets: { ...wholeNumbers(8, 100_000), wrong: ['0', '100001', '1.5'] },
  prepareTimeout: { right: ['60.5', 60.5], wrong: ['0', '86401', 'long'] },
  limitHttp: {
    right: ['address=1.5/20', { address: { perSecond: 1.5, burst: 20 } }],
    wrong: [' ', '5', 'room=1/2', 'address=0/5', 'address=1/0.5'],
  },
  limitPolling: {
    right: ['address=1.5/20', { address: { perSecond: 1.5, burst: 20 } }],
    wrong: [' ', '5', 'room=1/2', 'address=0/5', 'address=1/0.5'],
  },
  limitTokens: {
    right: ['address=1.5/20', { address: { perSecond: 1.5, burst: 20 } }],
    wrong: [' ', '5', 'room=1/2', 'address=0/5', 'address=1/0.5'],
  },
  limitConnects: limits('limitConnects', 'socket=1/2'),
  limitJoins: limits('limitJoins'),
  limitRequests: limits('limitRequests'),
  limitChat: limits('limitChat'),
  limitApi: {
    right: ['address=1/2', { ...readConfig([], {}).limitApi, address: { perSecond: 1, burst: 2 } }],
    wrong: [' ', '5', 'address=5', 'room=1/2', 'socket=1/2'],
  },
  limitData: limits('limitData', 'socket=1/2'),
  joinsAtOnce: { ...wholeNumbers(8, 100_000), wrong: ['0', '100001', '1.5'] },
  maxMessageBytes: wholeNumbers(1000, 1024 * 1024),
  maxDataBytes: { right: ['2000', 2000], wrong: ['1023', '196609', '1.5'] },
  maxFileBytes: { right: ['0', 0], wrong: ['-1', '1099511627777', '1.5'] },
  dataBitrate: { right: ['1000000', 1_000_000], wrong: ['7999', '10000000001', '1.5'] },
  dataMessages: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  pingInterval: { right: ['2.5', 2.5], wrong: ['0.1', '61', '1s'] },
  pingTimeout: { right: ['20', 20], wrong: ['0', '121'] },
  resumeGrace: { right: ['2.5', 2.5], wrong: ['-1', '601', 'long'] },
  keyFrameDelay: wholeNumbers(0, 5000),
  maxSendBitrate: { right: ['2500000', 2_500_000], wrong: ['-1', '29999', '1000000001', '1.5', 'fast'] },
  maxReceiveBitrate: { right: ['0', 0], wrong: ['-1', '29999', '1000000001', '1e6', 'fast'] },
  initialBitrate: wholeNumbers(900_000, 1_000_000_000),
  webhookUrls: {
    right: [
      'https://app.example/hooks?key=1, https://b.example:8443/',
      [new URL('https://app.example/hooks?key=1'), new URL('https://b.example:8443')],
    ],
    wrong: [
      ' ',
      'app.example',
      'ftp://app.example',
      'https://',
      'https://ada@app.example',
      'https://ada:pw@app.example',
      'https://app.example/#part',
      'https://app.example,,',
      Array.from({ length: 17 }, (_, index) => `https://app.example/${index}`).join(','),
    ],
  },
  webhookSecrets: {
    right: [`${webhookSecret}, ${webhookSecret}`, [webhookSecret, webhookSecret]],
    wrong: [
      ...[' ', 'whsec_', 'whsec_c2hvcnQ=', webhookSecret.slice(6), `${webhookSecret},`],
      // The sample of Standard Webhooks, and keys that are easily thought of.
      ...['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `whsec_${Buffer.alloc(24).toString('base64')}`],
      ...['supersecret-supersecret-1234', '0123456789abcdefghijklmno'].map((text) => `whsec_${btoa(text)}`),
    ],
  },
  webhookAllowPrivate: {
    right: ['10.1.0.0/16, ::1,hooks.internal', ['10.1.0.0/16', '::1', 'hooks.internal']],
    wrong: [' ', '10.0.0.0/33', '0.0.0.0/0', 'https://app.example', 'a b', '10.0.0.1,,'],
  },
  simulateFaults: { right: ['on', true], wrong: ['2', 'ja'] },
  auditLog: { right: ['audit.jsonl', 'audit.jsonl'], wrong: [' '] },
  logLevel: { right: ['debug', 'debug'], wrong: ['trace', 'INFO'] },
  logFormat: { right: ['json', 'json'], wrong: ['xml'] },
};

export const names = Object.keys(options) as Name[];

/** What other options need beside this one. */
export const company: Partial<Record<Name, Record<string, string>>> = {
  tlsCert: { PLENUM_TLS_KEY: 'key.pem' },
  tlsKey: { PLENUM_TLS_CERT: 'cert.pem' },
  open: { PLENUM_TOKEN_SECRET: secret },
  trustProxy: { PLENUM_TOKEN_SECRET: secret },
  webhookUrls: { PLENUM_WEBHOOK_SECRETS: webhookSecret },
};
