import { fileURLToPath } from 'node:url';
import type { Cable, Namespace, Network } from '../../support/network/index.ts';

/** Where the server is, as everybody reaches it. */
export const serverAddress = '10.77.0.1';

const links = {
  wifi: { own: '192.168.1.2', router: '192.168.1.1' },
  mobile: { own: '192.168.2.2', router: '192.168.2.1' },
} as const;
export type Link = keyof typeof links;

const flushProgram = fileURLToPath(new URL('flushFlows.py', import.meta.url));

/** A usual line: milliseconds one way. */
const usual = { delayMs: 10, jitterMs: 3 };

/**
 * Where one participant sits: a machine with two links to a router, and the line from there to the server. The router
 * translates addresses, those of each link to another one, with a port of its own for each flow.
 */
export class Home {
  /** Where the browser runs. */
  readonly machine: Namespace;
  /** The line from the router (its first end) to the server. */
  readonly cable: Cable;
  readonly #router: Namespace;
  #link: Link = 'wifi';
  readonly #limited = new Set<'up' | 'down'>();

  /** @param number of the home: it is a part of the seed with which packets are lost */
  static async build(network: Network, server: Namespace, name: string, seed: number): Promise<Home> {
    const role = name.toLowerCase();
    const [machine, router] = [network.namespace(role), network.namespace(`${role}-nat`)];
    const cable = await network.cable(router, server, usual, seed);
    const home = new Home(machine, router, cable);
    home.#connect(server);
    return home;
  }

  private constructor(machine: Namespace, router: Namespace, cable: Cable) {
    this.machine = machine;
    this.#router = router;
    this.cable = cable;
  }

  #connect(server: Namespace): void {
    const { machine, cable } = this;
    const [{ device, address }] = cable.ends;
    const router = this.#router;
    for (const [link, { router: gateway }] of Object.entries(links)) {
      const other = ['peer', 'name', link, 'netns', router.name];
      machine.run('ip', 'link', 'add', link, 'mtu', '1400', 'type', 'veth', ...other);
      router.run('ip', 'link', 'set', link, 'mtu', '1400', 'up');
      router.run('ip', 'address', 'add', `${gateway}/24`, 'dev', link);
    }
    this.#takeUp('wifi');
    router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    router.run('ip', 'route', 'add', serverAddress, 'dev', device);
    // What the world sees of the second link; the router need not own it, since the cable leads nowhere else.
    const second = address.replace(/\d+$/, '101');
    for (const outside of [address, second]) {
      // A server with one address answers from that one, whichever of the cables the question came through.
      server.run('ip', 'route', 'replace', outside, 'dev', cable.ends[1].device, 'src', serverAddress);
    }
    const translate = (link: Link, to: string) =>
      `add rule ip nat out ip saddr ${links[link].own} oifname "${device}" snat to ${to} fully-random`;
    this.#nft(
      'add table ip nat',
      'add chain ip nat out { type nat hook postrouting priority 100; }',
      translate('wifi', address),
      translate('mobile', second),
      'add table ip wall',
      'add chain ip wall through { type filter hook forward priority 0; }',
    );
  }

  #nft(...lines: string[]): void {
    this.#router.run('nft', lines.join('; '));
  }

  /** The rules of the router's firewall from now on, in nft's words; none: everything goes through. */
  wall(...rules: string[]): void {
    this.#nft('flush chain ip wall through', ...rules.map((rule) => `add rule ip wall through ${rule}`));
  }

  /** The link that is in use. */
  get link(): Link {
    return this.#link;
  }

  /** Takes the one link down after the other one has come up, as a phone that leaves the house. */
  switchTo(link: Link): void {
    this.#link = link;
    const other = link === 'wifi' ? 'mobile' : 'wifi';
    this.#takeUp(link);
    this.machine.run('ip', 'address', 'flush', 'dev', other);
    this.machine.run('ip', 'link', 'set', other, 'down');
  }

  /** As systems do it, which give a link its address when it comes up: of addresses that come and go browsers are told. */
  #takeUp(link: Link): void {
    this.machine.run('ip', 'link', 'set', link, 'up');
    this.machine.run('ip', 'address', 'add', `${links[link].own}/24`, 'dev', link);
    this.machine.run('ip', 'route', 'replace', 'default', 'via', links[link].router);
  }

  /** The router forgets who talked to whom: each flow gets another port with its next packet. */
  rebind(): void {
    this.#router.run('python3', flushProgram);
  }

  /** No more than so many bits per second from here, or to here, from now on; undefined: as many as come. */
  limit(way: 'up' | 'down', bitsPerSecond: number | undefined): void {
    if (bitsPerSecond === undefined && !this.#limited.has(way)) return;
    const [, server] = this.cable.ends;
    this.cable.limit(way === 'down' ? this.#router : server.namespace, bitsPerSecond);
    if (bitsPerSecond === undefined) this.#limited.delete(way);
    else this.#limited.add(way);
  }

  /** Shares of the packets that are lost from now on, 0 to 1, on the way from here and on the way to here. */
  async lose({ up, down }: { up: number; down: number }): Promise<void> {
    await this.cable.set({ loss: { there: up, back: down } });
  }

  /** Nothing arrives any more, in either direction, and nobody is told. */
  async silence(): Promise<void> {
    await this.cable.set({ loss: 1 });
  }

  /** A line without faults again; the link that is in use stays. */
  async restore(): Promise<void> {
    this.wall();
    for (const way of ['up', 'down'] as const) this.limit(way, undefined);
    await this.cable.set({ ...usual, loss: 0 });
  }
}
