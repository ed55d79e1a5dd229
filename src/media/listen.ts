import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { types } from 'mediasoup';

export interface ListenOptions {
  /** What clients are told to send to, when the machine does not know its own public addresses. */
  announcedAddresses: readonly string[] | undefined;
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

interface Place {
  ip: string;
  announcedAddress?: string;
  flags?: types.TransportSocketFlags;
}

/** Each announced address stands for all of the machine's of its kind; a host name is taken to be IPv4. */
function announcedPlaces(announced: readonly string[]): Place[] {
  const places = announced.map((announcedAddress): Place => {
    // Apart from IPv4, so that both can have the same port.
    if (isIPv6(announcedAddress)) return { ip: '::', announcedAddress, flags: { ipv6Only: true } };
    return { ip: '0.0.0.0', announcedAddress };
  });
  if (announced.some(isIPv6)) return places;
  // Global IPv6 addresses (RFC 4291: 2000::/3) are not translated by anybody, so they need not be announced.
  const global = machineAddresses().filter((address) => isIPv6(address) && /^[23]/.test(address));
  return [...places, ...global.map((ip) => ({ ip }))];
}

/**
 * Where a worker listens for media: UDP and TCP, on the same port. Without an announced address on each address of the
 * machine (where there is none but loopback, Chromium takes that); with one, on all at once, announced as that.
 */
export function listenInfos({ announcedAddresses, port }: ListenOptions): types.TransportListenInfo[] {
  const places = announcedAddresses ? announcedPlaces(announcedAddresses) : machineAddresses().map((ip) => ({ ip }));
  return places.flatMap((place) =>
    (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ...place, ...(port > 0 && { port }) })),
  );
}

/** What mediasoup takes unless it is told otherwise. */
const usualPorts = { min: 10_000, max: 59_999 };

/**
 * Where links between workers may listen on loopback: beside the ports of the WebRtcServers, since a worker that is
 * replaced needs its own again.
 */
export function linkPorts(firstPort: number, workers: number): { min: number; max: number } {
  const { min, max } = usualPorts;
  const end = firstPort + workers;
  if (firstPort > max || end <= min) return usualPorts;
  // The larger part of what the WebRtcServers leave.
  return max - end > firstPort - min ? { min: end, max } : { min, max: firstPort - 1 };
}
