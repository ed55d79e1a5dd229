import { networkInterfaces } from 'node:os';
import type { types } from 'mediasoup';

export interface ListenOptions {
  /** What clients are told to send to, when the machine does not know its own public address. */
  announcedAddress: string | undefined;
  /** 0: the operating system chooses. */
  port: number;
}

/**
 * Addresses of this machine on which a browser may reach it, link-local IPv6 left out. Loopback is the last: clients try
 * one address after the other, 50 ms apart, and one on another machine would lose that time on its own loopback.
 */
export function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const usable = all.filter(({ address, family }) => !(family === 'IPv6' && /^fe[89ab]/i.test(address)));
  const addresses = usable.filter(({ internal }) => !internal).map(({ address }) => address);
  return [...new Set(addresses), '127.0.0.1'];
}

/**
 * Where a worker listens for media: UDP and TCP, on the same port. Without an announced address on each address of the
 * machine (where there is none but loopback, Chromium takes that); with one, on all at once, announced as that.
 */
export function listenInfos({ announcedAddress, port }: ListenOptions): types.TransportListenInfo[] {
  const places = announcedAddress
    ? [{ ip: '0.0.0.0', announcedAddress }]
    : machineAddresses().map((ip) => ({ ip, announcedAddress: undefined }));
  return places.flatMap((place) =>
    (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ...place, ...(port > 0 && { port }) })),
  );
}
