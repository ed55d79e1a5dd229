import { expect, test } from 'vitest';
import { isAllowedOrigin, parseOrigin } from '../../src/origins.ts';

test.each([
  ['https://meet.example', 'https://meet.example'],
  [' HTTPS://Meet.Example:443 ', 'https://meet.example'],
  ['http://meet.example:80', 'http://meet.example'],
  ['http://meet.example:443', 'http://meet.example:443'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
  ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
  ['capacitor://localhost', 'capacitor://localhost'],
])('%j is an origin', (entry, origin) => {
  expect(parseOrigin(entry)).toBe(origin);
});

test.each([
  '',
  '*',
  'null',
  'meet.example',
  '//meet.example',
  'https://',
  'https://*',
  'https://*.example',
  'https://meet.example/',
  'https://meet.example/path',
  'https://meet.example?query',
  'https://meet.example#part',
  'https://user@meet.example',
  'https://user:password@meet.example',
  'https://meet.example:',
  'https://meet.example:99999',
  'https://meet.example:x',
  'https://meet example',
  'https://meet.example\\evil',
  'javascript:alert(1)',
  'data:text/html,x',
])('%j is none', (entry) => {
  expect(parseOrigin(entry)).toBeUndefined();
});

const allowed = ['https://app.example', 'capacitor://localhost'];

test.each<[string | undefined, string | undefined, boolean]>([
  // No browser.
  [undefined, 'meet.example', true],
  [undefined, undefined, true],
  // The same origin, also where a proxy has taken the TLS off.
  ['https://meet.example', 'meet.example', true],
  ['http://meet.example', 'meet.example', true],
  ['https://meet.example', 'meet.example:443', true],
  ['http://meet.example:3000', 'meet.example:3000', true],
  ['http://localhost:3000', 'LOCALHOST:3000', true],
  ['http://[::1]:3000', '[::1]:3000', true],
  // Listed.
  ['https://app.example', 'meet.example', true],
  ['https://app.example', undefined, true],
  ['capacitor://localhost', 'meet.example', true],
  // Anybody else.
  ['http://app.example', 'meet.example', false],
  ['https://app.example:8443', 'meet.example', false],
  ['https://app.example.evil.example', 'meet.example', false],
  ['https://evil.example', 'meet.example', false],
  ['https://evil.meet.example', 'meet.example', false],
  ['https://meet.example:8443', 'meet.example', false],
  ['http://localhost:3000', 'localhost:3001', false],
  ['https://meet.example', undefined, false],
  ['null', 'null', false],
  ['', '', false],
  ['*', '*', false],
  ['https://meet.example/', 'meet.example/', false],
  ['https://user@meet.example', 'user@meet.example', false],
  ['file://meet.example', 'meet.example', false],
])('from %j at %j: %j', (origin, host, expected) => {
  expect(isAllowedOrigin(origin, host, allowed)).toBe(expected);
});

test('without a list only the same origin', () => {
  expect(isAllowedOrigin('https://meet.example', 'meet.example', [])).toBe(true);
  expect(isAllowedOrigin('https://app.example', 'meet.example', [])).toBe(false);
});
