import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';

/**
 * Who asks, where proxies stand between. What a request says of its way (`X-Forwarded-For`, `X-Forwarded-Host`) counts only
 * as far as those who wrote it are trusted; nobody is, unless the configuration names them.
 */

/**
 * Whether the host at that address is a proxy of ours. Always by address: a number of proxies in a row would believe whoever
 * goes around them (CVE-2026-16732 of Fastify).
 */
export type Trust = (address: string) => boolean;

export interface RequestHead {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/** An address, or a range of at least one bit; undefined where it is neither. */
export function parseRange(entry: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefix = digits === undefined ? bits : Number(digits);
  if (prefix < 1 || prefix > bits) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** @param proxies addresses and ranges (RFC 4632) */
export function trustOf(proxies: readonly string[]): Trust {
  const list = new BlockList();
  for (const entry of proxies) {
    const range = parseRange(entry);
    if (range) list.addSubnet(range.address, range.prefix, range.family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * The address that limits and logs go by: the last one that no proxy of ours has.
 *
 * @param remote the other end of the TCP connection; undefined where that has been closed already
 * @param forwardedFor the header `X-Forwarded-For`: each proxy appends whom it heard from
 * @returns as the operating system writes it; IPv4 that came mapped into IPv6 as IPv4; `unknown` where there is none
 */
export function clientAddress(
  remote: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trust: Trust,
): string {
  let client = canonical(remote ?? '');
  if (client === undefined) return 'unknown';
  for (const entry of String(forwardedFor ?? '')
    .split(',')
    .reverse()) {
    if (!trust(client)) break;
    // What is no address was not written by a proxy of ours.
    const before = canonical(entry.trim());
    if (before === undefined) break;
    client = before;
  }
  return client;
}

export function addressOf({ headers, socket }: RequestHead, trust: Trust): string {
  return clientAddress(socket.remoteAddress, headers['x-forwarded-for'], trust);
}

/** The host that the browser asked for, which a proxy may have written anew. */
export function hostOf({ headers, socket }: RequestHead, trust: Trust): string | undefined {
  const forwarded = headers['x-forwarded-host'];
  const peer = canonical(socket.remoteAddress ?? '');
  if (forwarded === undefined || peer === undefined || !trust(peer)) return headers.host;
  return String(forwarded).split(',').at(-1)?.trim();
}

/** Some proxies give the port as well, and put IPv6 addresses into brackets then. */
function canonical(text: string): string | undefined {
  const [, bracketed, withPort] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(text) ?? [];
  const [address = ''] = (bracketed ?? withPort ?? text).split('%');
  const version = isIP(address);
  if (version === 0) return undefined;
  const { address: written } = new SocketAddress({ address, family: version === 4 ? 'ipv4' : 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(written)?.[1] ?? written;
}
