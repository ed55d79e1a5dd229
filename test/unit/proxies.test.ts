import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, clientAddress, hostOf, trustOf } from '../../src/proxies.ts';

const proxy = '10.0.0.5';

describe('the address of a client', () => {
  const cases: [string, string[], string | undefined, string | undefined, string][] = [
    ['nobody is trusted unless named', [], proxy, '203.0.113.9', proxy],
    ['a proxy says whom it heard from', [proxy], proxy, '203.0.113.9', '203.0.113.9'],
    ['what the client itself wrote does not count', [proxy], proxy, '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['a range', ['10.0.0.0/8'], '10.200.0.1', '203.0.113.9, 10.3.0.1', '203.0.113.9'],
    ['beside a range', ['10.0.0.0/16'], '10.1.0.1', '203.0.113.9', '10.1.0.1'],
    ['IPv6', ['2001:db8::/32'], '2001:db8::5', '2001:db9::1', '2001:db9::1'],
    ['IPv6 written at length', ['2001:db8::5'], '2001:db8::5', '2001:DB9:0:0::1', '2001:db9::1'],
    ['IPv4 in IPv6', [proxy], `::ffff:${proxy}`, '::ffff:203.0.113.9', '203.0.113.9'],
    ['all are proxies: the farthest', ['10.0.0.0/8'], proxy, '10.0.0.6', '10.0.0.6'],
    ['with ports', [proxy], proxy, '203.0.113.9:4711', '203.0.113.9'],
    ['with brackets', [proxy], proxy, '[2001:db8::1]:4711', '2001:db8::1'],
    ['a proxy that says nothing', [proxy], proxy, undefined, proxy],
    ['a proxy that says nonsense', [proxy], proxy, '203.0.113.9, <script>', proxy],
    ['with a zone', [], 'fe80::1%eth0', undefined, 'fe80::1'],
    ['a connection that is gone', [proxy], undefined, '203.0.113.9', 'unknown'],
  ];
  test.each(cases)('%s', (_what, proxies, remote, forwardedFor, expected) => {
    expect(clientAddress(remote, forwardedFor, trustOf(proxies))).toBe(expected);
  });

  test('whatever is in the header, one that does not come from a proxy changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.array(fc.ipV4()), (text, addresses) => {
        const forwardedFor = [text, ...addresses].join(',');
        expect(clientAddress('203.0.113.9', forwardedFor, trustOf([proxy]))).toBe('203.0.113.9');
        expect(clientAddress(proxy, `${forwardedFor}, 198.51.100.7`, trustOf([proxy]))).toBe('198.51.100.7');
      }),
    );
  });

  test('of a request', () => {
    const request = { headers: { 'x-forwarded-for': '203.0.113.9' }, socket: { remoteAddress: proxy } };
    expect(addressOf(request, trustOf([proxy]))).toBe('203.0.113.9');
    expect(addressOf(request, trustOf([]))).toBe(proxy);
  });
});

test('the host that was asked for: a proxy that is trusted may say another', () => {
  const headers = { host: 'upstream:3000', 'x-forwarded-host': 'evil.example, meet.example' };
  const request = { headers, socket: { remoteAddress: `::ffff:${proxy}` } };
  expect(hostOf(request, trustOf([proxy]))).toBe('meet.example');
  expect(hostOf(request, trustOf([]))).toBe('upstream:3000');
  expect(hostOf({ ...request, headers: { host: 'meet.example' } }, trustOf([proxy]))).toBe('meet.example');
  expect(hostOf({ ...request, socket: {} }, trustOf([proxy]))).toBe('upstream:3000');
});
