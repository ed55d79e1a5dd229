import { describe, expect, test } from 'vitest';
import { AddressPolicy, hostOf } from '../../../src/webhooks/addresses.ts';

const target = new URL('https://hooks.example/path');

function refusal(addresses: string[], allowed: string[] = [], url = target): string | undefined {
  try {
    new AddressPolicy(allowed).check(url, addresses);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:82a::200e',
  '2003::1',
])('%s is public', (address) => {
  expect(refusal([address])).toBeUndefined();
});

test.each([
  ['this host', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['loopback', '127.0.0.1'],
  ['loopback, all of it', '127.255.255.254'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['the metadata of Alibaba', '100.100.100.200'],
  ['link-local', '169.254.1.1'],
  ['the metadata of most clouds', '169.254.169.254'],
  ['the wire server of Azure', '168.63.129.16'],
  ['the metadata of Oracle', '192.0.0.192'],
  ['documentation', '192.0.2.1'],
  ['6to4 relays', '192.88.99.1'],
  ['benchmarks', '198.19.255.255'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['multicast', '224.0.0.1'],
  ['multicast', '239.255.255.250'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
  ['IPv4-mapped private, in hexadecimal', '::ffff:a00:1'],
  ['IPv4-mapped public: nobody writes it so', '::ffff:8.8.8.8'],
  ['IPv4-compatible', '::127.0.0.1'],
  ['NAT64 of the metadata', '64:ff9b::a9fe:a9fe'],
  ['NAT64 of one network', '64:ff9b:1::1'],
  ['discard', '100::1'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['ORCHID', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['6to4 of loopback', '2002:7f00:1::1'],
  ['documentation', '3fff::1'],
  ['unique local', 'fc00::1'],
  ['the metadata of Amazon over IPv6', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['link-local with a zone', 'fe80::1%eth0'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['no address', 'hooks.example'],
  ['nothing', ''],
])('%s is not: %s', (_, address) => {
  expect(refusal([address])).toMatch(/^\w*Error/);
  expect(refusal(['1.1.1.1', address])).toMatch(/^\w*Error/);
  expect(refusal([address, '1.1.1.1'])).toMatch(/^\w*Error/);
});

test('a host without addresses', () => {
  expect(refusal([])).toContain('hooks.example has no address');
});

describe('what the operator allows', () => {
  test('networks and addresses', () => {
    const allowed = ['10.1.0.0/16', '127.0.0.1', 'fd00::/8'];
    for (const address of ['10.1.2.3', '127.0.0.1', 'fd12::1', '::ffff:10.1.2.3', '1.1.1.1']) {
      expect(refusal([address], allowed), address).toBeUndefined();
    }
    for (const address of ['10.2.0.1', '127.0.0.2', 'fc00::1', '169.254.169.254']) {
      expect(refusal([address], allowed), address).toContain('not a public address');
    }
    expect(refusal(['10.1.2.3', '10.2.0.1'], allowed)).toContain('10.2.0.1');
  });

  test('hosts: wherever they are in private networks, but nowhere near metadata', () => {
    for (const allowed of ['hooks.example', 'Hooks.Example.']) {
      for (const address of ['10.0.0.1', '127.0.0.1', '::1', '100.64.0.1', 'fd00::1', '1.1.1.1']) {
        expect(refusal([address], [allowed]), address).toBeUndefined();
      }
      for (const address of [
        '169.254.169.254',
        '168.63.129.16',
        '224.0.0.1',
        '0.0.0.0',
        'fe80::1',
        '::ffff:169.254.169.254',
      ]) {
        expect(refusal([address], [allowed]), address).toContain('not a public address');
      }
    }
    expect(refusal(['10.0.0.1'], ['other.example'])).toContain('not a public address');
    expect(refusal(['10.0.0.1'], ['example'])).toContain('not a public address');
  });

  test('link-local ones, where they are named by address', () => {
    expect(refusal(['169.254.10.1'], ['169.254.10.1'])).toBeUndefined();
  });

  test('without TLS only in private', () => {
    const plain = new URL('http://hooks.example');
    expect(refusal(['10.0.0.1'], ['hooks.example'], plain)).toBeUndefined();
    expect(refusal(['10.0.0.1', '1.1.1.1'], ['hooks.example'], plain)).toContain('without TLS');
  });
});

test.each([
  ['https://[::1]:8443/', '::1'],
  ['https://EXAMPLE.org./', 'example.org'],
  ['https://0x7f.1/', '127.0.0.1'],
  ['https://017700000001/', '127.0.0.1'],
  ['https://[::ffff:10.0.0.1]/', '::ffff:a00:1'],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(new URL(url))).toBe(host);
});
