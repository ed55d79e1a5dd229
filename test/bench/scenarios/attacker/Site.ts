import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type Namespace, Network } from '../../../support/network/index.ts';

/** Where the server is, as everybody reaches it. */
export const serverAddress = '10.77.0.1';

/**
 * The server, its honest visitors and the attacker, in a network each. Nothing stands between them that could be the
 * narrow place itself: plain wires of the kernel.
 */
export class Site {
  readonly server: Namespace;
  readonly victims: Namespace;
  readonly attacker: Namespace;
  readonly #network = new Network();

  constructor() {
    try {
      this.server = this.#network.namespace('server');
      this.server.addAddress(`${serverAddress}/32`);
      this.victims = this.#wired('victims', 1);
      this.attacker = this.#wired('attacker', 2);
    } catch (error) {
      this.#network.close();
      throw error;
    }
  }

  close(): void {
    this.#network.close();
  }

  #wired(role: string, number: number): Namespace {
    const other = this.#network.namespace(role);
    const { server } = this;
    const wire = `wire${number}`;
    server.run('ip', 'link', 'add', wire, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', other.name);
    for (const [namespace, device, last] of [
      [server, wire, 1],
      [other, 'uplink', 2],
    ] as const) {
      namespace.run('ip', 'link', 'set', device, 'up');
      namespace.run('ip', 'address', 'add', `10.79.${number}.${last}/24`, 'dev', device);
    }
    other.run('ip', 'route', 'add', serverAddress, 'via', `10.79.${number}.1`);
    return other;
  }
}

/** How much of the cores a program gets beside the others, as `nice` has it; -10: before the server, 19: what is left. */
export type Niceness = -10 | 19;

/** Starts one of our programs in a namespace. */
export function startIn(namespace: Namespace, niceness: Niceness, program: string, args: readonly string[]) {
  const command = ['-n', String(niceness), process.execPath, program, ...args];
  return namespace.spawn('nice', command, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What a program prints until it ends, as JSON. */
export async function outcomeOf(child: ChildProcess, what: string): Promise<unknown> {
  if (!child.stdout) throw new Error(`${what} has no output`);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${what} has ended with code ${code}`);
  return JSON.parse(output);
}
