import { isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { listenInfos, machineAddresses } from '../../../src/media/listen.ts';

test('without an announced address media is offered on every address of the machine, UDP and TCP on one port', () => {
  const infos = listenInfos({ announcedAddresses: undefined, port: 40_001 });
  expect(infos.filter(({ protocol }) => protocol === 'udp').map(({ ip }) => ip)).toEqual(machineAddresses());
  expect(infos.filter(({ protocol }) => protocol === 'tcp').map(({ ip }) => ip)).toEqual(machineAddresses());
  expect(new Set(infos.map(({ port }) => port))).toEqual(new Set([40_001]));
  expect(machineAddresses()).toContain('127.0.0.1');
});

test('an announced address stands for all addresses of its kind', () => {
  const udp = (announcedAddresses: string[]) =>
    listenInfos({ announcedAddresses, port: 0 })
      .filter(({ protocol, announcedAddress }) => protocol === 'udp' && announcedAddress !== undefined)
      .map(({ ip, announcedAddress, flags }) => ({ ip, announcedAddress, flags }));
  expect(udp(['203.0.113.9'])).toEqual([{ ip: '0.0.0.0', announcedAddress: '203.0.113.9', flags: undefined }]);
  expect(udp(['sfu.example.org', '2001:db8::1'])).toEqual([
    { ip: '0.0.0.0', announcedAddress: 'sfu.example.org', flags: undefined },
    { ip: '::', announcedAddress: '2001:db8::1', flags: { ipv6Only: true } },
  ]);
});

test('link-local addresses are left out: they mean nothing to others without a zone', () => {
  expect(machineAddresses().filter((address) => isIPv6(address) && address.toLowerCase().startsWith('fe8'))).toEqual(
    [],
  );
});
