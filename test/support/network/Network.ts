import { existsSync, readdirSync } from 'node:fs';
import { Cable, type CableQuality } from './Cable.ts';
import { Namespace, removeNamespace } from './Namespace.ts';

const prefix = 'plenum';
const folder = '/run/netns';

/**
 * Namespaces and cables of one test. All of it is gone after `close()`, and when the process ends or gets a signal;
 * what a killed process left is swept by the next that makes a network.
 */
export class Network {
  static #count = 0;
  readonly #label: string;
  readonly #namespaces: Namespace[] = [];
  readonly #cables: Cable[] = [];

  constructor() {
    sweep();
    Network.#count += 1;
    this.#label = `${prefix}-${process.pid}-${Network.#count}`;
    open.add(this);
    watchTheEnd();
  }

  /** @param role what it stands for, a short word: it is a part of the namespace's name */
  namespace(role: string): Namespace {
    const namespace = new Namespace(`${this.#label}-${role}`);
    this.#namespaces.push(namespace);
    return namespace;
  }

  /** Connects two namespaces; each end gets an address of its own. Loss and jitter are the same for the same seed. */
  async cable(from: Namespace, to: Namespace, quality: CableQuality, seed = 1): Promise<Cable> {
    const number = this.#cables.length;
    const device = `cable${number}`;
    const end = (namespace: Namespace, last: number) => ({ namespace, device, address: `10.88.${number}.${last}` });
    const cable = await Cable.lay([end(from, 1), end(to, 2)], quality, seed);
    this.#cables.push(cable);
    return cable;
  }

  close(): void {
    open.delete(this);
    for (const cable of this.#cables.splice(0)) cable.close();
    for (const namespace of this.#namespaces.splice(0)) namespace.close();
  }
}

const open = new Set<Network>();
let watched = false;

function closeAll(): void {
  for (const network of open) network.close();
}

/** Namespaces outlive the process that made them; so they are removed however it ends. */
function watchTheEnd(): void {
  if (watched) return;
  watched = true;
  process.on('exit', closeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      closeAll();
      // Where nobody else wants the signal, it ends the process as it would have done without us.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

/** Removes namespaces of processes that were killed: their names carry the process's id. */
function sweep(): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = new RegExp(`^${prefix}-(\\d+)-\\d+-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}
