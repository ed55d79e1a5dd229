import { BlockList, isIP } from 'node:net';
import { parseRange } from '../proxies.ts';

/**
 * Which addresses webhooks may be sent to. Whoever writes the URLs of a server, or the DNS records behind them, must not
 * reach what only the server's own network reaches (server-side request forgery).
 */

/** Somebody's own network: a target that the operator names may be there. */
const ownNetworks = blockListOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  // Carrier-grade NAT (RFC 6598); some clouds have their metadata there.
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
]);

/**
 * Nobody's receiver: link-local with the metadata of most clouds, multicast, and what IANA has set aside; and ways into
 * IPv4 through IPv6 (6to4, Teredo), which could name any of the addresses above.
 */
const reserved = blockListOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Azure gives virtual machines their configuration there.
  '168.63.129.16/32',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

/** All that has been given out of IPv6: addresses with IPv4 ones in them (mapped, NAT64) are outside. */
const globalIpv6 = blockListOf(['2000::/3']);

export class AddressPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #networks: BlockList;

  /** @param allowed networks and addresses, or host names, that may be targets although they are private */
  constructor(allowed: readonly string[]) {
    this.#networks = blockListOf(allowed.filter((entry) => parseRange(entry) !== undefined));
    this.#hosts = new Set(allowed.filter((entry) => parseRange(entry) === undefined).map(plainHost));
  }

  /** What is wrong with a target that one sees before its host has been looked up; undefined: nothing. */
  complaint(url: URL): string | undefined {
    const host = hostOf(url);
    const named = this.#hosts.has(host) || (isIP(host) !== 0 && isIn(this.#networks, host));
    if (named) return undefined;
    // Without TLS everybody on the way reads along.
    if (url.protocol !== 'https:') return 'is not https';
    return isIP(host) === 0 || isPublic(host) ? undefined : 'is not at a public address';
  }

  /** @throws Error where not all of these addresses, which the target's host has right now, may be connected to */
  check(url: URL, addresses: readonly string[]): void {
    const host = hostOf(url);
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    for (const address of addresses) {
      const named = isIn(this.#networks, address) || (this.#hosts.has(host) && isIn(ownNetworks, address));
      if (named) continue;
      if (!isPublic(address)) throw new Error(`${host} is at ${address}, which is not a public address`);
      if (url.protocol !== 'https:') throw new Error(`${host} is at a public address, ${address}, without TLS`);
    }
  }
}

/** As it is looked up: without the brackets of IPv6, and without the dot at the end that DNS allows. */
export function hostOf(url: URL): string {
  return plainHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function isPublic(address: string): boolean {
  if (isIn(ownNetworks, address) || isIn(reserved, address)) return false;
  return isIP(address) === 4 || isIn(globalIpv6, address);
}

/** IPv4 addresses that are written as IPv6 ones (`::ffff:10.0.0.1`) are in the networks of the former. */
function isIn(networks: BlockList, address: string): boolean {
  return networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function blockListOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of entries.flatMap((entry) => parseRange(entry) ?? [])) {
    list.addSubnet(address, prefix, family);
  }
  return list;
}
