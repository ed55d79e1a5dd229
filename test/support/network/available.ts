import { existsSync } from 'node:fs';
import { run } from './commands.ts';
import { Network } from './Network.ts';

let answer: string | undefined | null = null;

/** Why this machine allows no networks of namespaces; undefined where it does. Tried once, by making one. */
export function whyUnavailable(): string | undefined {
  if (answer === null) answer = findOut();
  return answer;
}

function findOut(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  let network: Network | undefined;
  try {
    for (const [command, ...args] of [
      ['ip', '-V'],
      ['nft', '--version'],
      ['python3', '--version'],
    ] as const) {
      run(command, ...args);
    }
    network = new Network();
    network.namespace('try').addAddress('10.77.0.1/24');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    network?.close();
  }
}

/**
 * Whether this machine allows networks of namespaces. Where not, one loud line says what is skipped and why.
 * @param what for example `the test in Firefox`
 */
export function available(what: string): boolean {
  const why = whyUnavailable();
  if (why !== undefined)
    console.warn(`\n!!! SKIPPED: ${what}: ${why}. As root on Linux, with iproute2, nftables and python3, it runs.\n`);
  return why === undefined;
}
