import { expect, test } from 'vitest';
import { anyHost, localHosts } from '../../src/servedHosts.ts';

test.each([
  'localhost',
  'localhost:3000',
  'LOCALHOST:5173',
  '127.0.0.1',
  '127.0.0.2:3000',
  '127.255.255.254',
  '[::1]',
  '[::1]:3000',
  '192.168.7.3:3000',
  'app.localhost:3000',
])('%j is this machine', (host) => {
  expect(localHosts(['192.168.7.3'])(host)).toBe(true);
});

test.each([
  undefined,
  '',
  'rebound.example',
  'rebound.example:3000',
  'localhost.rebound.example',
  'localhost:3000.rebound.example',
  'rebound.example#localhost',
  'localhost@rebound.example',
  'localhost, rebound.example',
  'localhost/',
  'localhost:x',
  '127.0.0.1.rebound.example',
  '128.0.0.1',
  '0.0.0.0',
  '192.168.7.4',
  '::1',
  '[::2]',
  '[::ffff:192.168.7.4]',
])('%j is not', (host) => {
  expect(localHosts(['192.168.7.3'])(host)).toBe(false);
  expect(anyHost(host)).toBe(true);
});
