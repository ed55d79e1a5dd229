import fc from 'fast-check';
import { oddities } from './oddities.ts';
import { packets } from './packets.ts';
import { jsonOf, type Names } from './placeholders.ts';
import { mostly, seldom } from './seldom.ts';

/** Stands for the id of a session of engine.io that there is. */
export const sessionHere = '~session~';

/** HTTP/1.1 requests as they go over the wire. */
export interface RawRequest {
  text: string;
  /** Whether the server has all that it needs for an answer. */
  whole: boolean;
  /** Behind it comes another request over the same connection, for `/ready`. */
  followed?: boolean;
  /** It is for a session that there is: what polls is answered when there is news. */
  polls?: boolean;
}

const methods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'X',
];
const paths = [
  '/',
  '/health',
  '/ready',
  '/metrics',
  '/api/token',
  '/api/v1/rooms',
  '/api/v1/rooms/x/participants/y',
  '/r/room',
  '/socket.io/',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=polling&sid=unknown',
  '/socket.io/?EIO=x&transport=none',
  '/socket.io/?transport=__proto__&EIO=4',
  '/socket.io/?EIO=4&transport=polling&j=0',
  '/..%2f..%2fetc%2fpasswd',
  '/../../etc/passwd',
  '//evil.example/',
  '/%',
  '/%00',
  '/%c0%ae%c0%ae/',
  '/__proto__',
  `/${'a'.repeat(7000)}`,
  `/?${'a=1&'.repeat(3000)}`,
  '*',
  'http://example.org/',
];
const headers = [
  'Content-Type: application/json',
  'Content-Type: text/plain;charset=UTF-8',
  'Content-Type: application/json; charset=utf-7',
  'Content-Type: multipart/form-data; boundary=',
  'Content-Type: application/octet-stream',
  'Expect: 100-continue',
  'Origin: https://evil.example',
  'Authorization: Bearer x',
  'X-Forwarded-For: 1.2.3.4, ::1',
  'X-Forwarded-Host: evil.example',
  'X-HTTP-Method-Override: DELETE',
  'Range: bytes=0-18446744073709551615',
  'If-None-Match: *',
  'Accept-Encoding: *',
  'Cookie: a=b; __proto__=c',
  'Connection: Upgrade, close',
  `X-Long: ${'x'.repeat(12_000)}`,
];
const wrongHeads = [
  'Transfer-Encoding: chunked',
  'Content-Length: 0',
  'Content-Length: -1',
  'Content-Length: 99999999999',
  'A b: c',
  ': x',
];

const names: Names = { name: (kind, index) => `${kind}${index}`, freshNumber: () => 1 };
const bodies = fc.oneof(
  fc.constant(''),
  fc
    .record({ room: fc.constantFrom(...oddities), name: fc.constantFrom(...oddities) })
    .map((body) => jsonOf(body, names)),
  fc.constantFrom(...oddities).map((body) => jsonOf(body, names)),
  fc.constantFrom(
    '{',
    '[',
    '"',
    '{"room":',
    'room=a&name=b',
    '\u0000',
    '4\u001e42["x"]',
    '40{}',
    '1',
    'b64',
    'x'.repeat(70_000),
  ),
);

const single: fc.Arbitrary<RawRequest> = fc
  .record({
    method: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('GET', 'POST') },
      { weight: 1, arbitrary: fc.constantFrom(...methods) },
    ),
    path: fc.constantFrom(...paths),
    list: fc.uniqueArray(fc.constantFrom(...headers), { maxLength: 4 }),
    wrong: fc.oneof(
      { weight: 6, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom(...wrongHeads) },
    ),
    host: fc.oneof(
      { weight: 9, arbitrary: fc.constant('Host: localhost') },
      { weight: 1, arbitrary: fc.constantFrom('', 'Host: ', 'Host: a\r\nHost: b') },
    ),
    body: bodies,
    cut: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }) }),
  })
  .map(({ method, path, list, wrong, host, body, cut }) => {
    const length = Buffer.byteLength(body);
    const head = [
      `${method} ${path} HTTP/1.1`,
      host,
      ...list,
      wrong,
      ...(length > 0 && !wrong ? [`Content-Length: ${length}`] : []),
    ];
    const text = `${head.filter(Boolean).join('\r\n')}\r\n\r\n${body}`;
    return {
      text: cut === 0 ? text : text.slice(0, -cut),
      whole: cut === 0 && wrong === '' && !list.some((each) => each.includes('Upgrade')),
    };
  });

/** What is in a body belongs to it, whatever it looks like (RFC 9112, 7.1). */
const pieces = fc.array(
  fc.constantFrom(
    '{"room":"x"}',
    'a',
    '\r\n',
    '0\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n',
    'x'.repeat(5000),
  ),
  { minLength: 1, maxLength: 5 },
);

/** A body in chunks, as it should be, and the next request at once. */
const chunked: fc.Arbitrary<RawRequest> = fc
  .record({
    path: fc.constantFrom('/health', '/api/token', '/api/v1/rooms', '/nowhere', '/socket.io/?EIO=4&transport=none'),
    type: fc.constantFrom('application/json', 'text/plain', 'application/octet-stream'),
    list: pieces,
    extension: fc.constantFrom('', '', ';a=b', ';a="\u00e9"'),
    upper: fc.boolean(),
    trailer: fc.constantFrom('', '', 'X-Trailer: 1\r\n'),
  })
  .map(({ path, type, list, extension, upper, trailer }) => {
    const chunks = list.map((piece) => {
      const length = Buffer.byteLength(piece).toString(16);
      return `${upper ? length.toUpperCase() : length}${extension}\r\n${piece}\r\n`;
    });
    const head = [`POST ${path} HTTP/1.1`, 'Host: localhost', `Content-Type: ${type}`, 'Transfer-Encoding: chunked'];
    const next = 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const text = `${head.join('\r\n')}\r\n\r\n${chunks.join('')}0\r\n${trailer}\r\n${next}`;
    return { text, whole: true, followed: true };
  });

const polling = `/socket.io/?EIO=4&transport=polling&sid=${sessionHere}`;
const packetBodies = fc.array(fc.oneof(packets.filter((packet) => typeof packet === 'string').map(String), bodies), {
  minLength: 1,
  maxLength: 4,
});

/** Requests in a session of engine.io over polling, where each body is packets. */
const polls: fc.Arbitrary<RawRequest> = fc
  .record({
    method: mostly(fc.constantFrom('GET', 'POST', 'POST', 'POST'), fc.constantFrom(...methods)),
    path: mostly(
      fc.constant(polling),
      fc.constantFrom(
        `${polling}&sid=x`,
        `${polling}&j=1`,
        `${polling}&b64=1`,
        polling.replace('polling', 'websocket'),
      ),
    ),
    type: fc.constantFrom('text/plain;charset=UTF-8', 'application/octet-stream', 'application/json', 'x'),
    list: packetBodies,
    more: fc.uniqueArray(fc.constantFrom(...headers), { maxLength: 2 }),
    claims: seldom(fc.constantFrom(0, 1, 999_999, 2 ** 53)),
  })
  .map(({ method, path, type, list, more, claims }) => {
    const body = list.join('\u001e');
    const length = claims ?? Buffer.byteLength(body);
    const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', `Content-Type: ${type}`, ...more];
    const text = `${head.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n${body}`;
    return { text, whole: false, polls: true };
  });

export const httpRequests: fc.Arbitrary<RawRequest> = fc.oneof(
  { weight: 5, arbitrary: single },
  { weight: 5, arbitrary: polls },
  { weight: 1, arbitrary: chunked },
);
