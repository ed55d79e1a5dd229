import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { available, Network } from '../../../support/network/index.ts';
import type { Figure } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { oneToMany } from './oneToMany.ts';
import { wholeRoom } from './room.ts';

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

const program = fileURLToPath(new URL('oneToManyProcess.ts', import.meta.url));

/**
 * All of it runs in a namespace with an address of its own, because Janus uses no loopback addresses; traffic to that
 * address stays inside, as on loopback, for all that are compared.
 */
async function oneToManyInNamespace(options: ScenarioOptions): Promise<Figure[]> {
  const janus = isInstalled('janus') && available('Janus, which needs a network of its own');
  if (!janus) return oneToMany(false, options);
  const network = new Network();
  try {
    const namespace = network.namespace('forwarding');
    namespace.addAddress('10.77.0.1/24');
    const child = namespace.spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the measurement in the namespace has ended without a result');
    });
    const [figures] = await Promise.race([once(child, 'message'), ended]);
    // From here on its end is what is to be expected.
    ended.catch(() => undefined);
    return figures;
  } finally {
    network.close();
  }
}

/** How many packets a second of CPU forwards. */
export const forwarding: Scenario['parts'] = {
  'one-to-many': oneToManyInNamespace,
  room: wholeRoom,
};
