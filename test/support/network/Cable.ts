import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemEnv } from './commands.ts';
import type { Namespace } from './Namespace.ts';

export interface CableQuality {
  /** One way, in milliseconds. */
  delayMs: number;
  /** Up to this much is added to the delay of a packet, in milliseconds; the order is kept. Default: 0. */
  jitterMs?: number;
  /** Share of the packets that never arrive, 0 to 1: of both directions, or of each by itself. Default: 0. */
  loss?: number | { there: number; back: number };
}

export interface CableCounts {
  carried: number;
  lost: number;
}

export interface CableEnd {
  namespace: Namespace;
  device: string;
  /** Without a prefix's length. */
  address: string;
}

const program = fileURLToPath(new URL('cable.py', import.meta.url));

/** A line between two namespaces with delay, jitter and loss: two TUN devices and the program that moves the packets. */
export class Cable {
  readonly ends: readonly [CableEnd, CableEnd];
  readonly #carrier: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #asking: Promise<unknown> = Promise.resolve();

  /** @param seed the same seed loses the same packets, counted from the first */
  static async lay(ends: readonly [CableEnd, CableEnd], quality: CableQuality, seed: number): Promise<Cable> {
    const cable = new Cable(ends, seed);
    try {
      // Its answer also says that both devices exist.
      await cable.set(quality);
      for (const [index, { namespace, device, address }] of ends.entries()) {
        const other = ends[1 - index]?.address ?? '';
        namespace.run('ip', 'link', 'set', device, 'mtu', '1400', 'txqueuelen', '10000', 'up');
        namespace.run('ip', 'address', 'add', address, 'peer', other, 'dev', device);
      }
      return cable;
    } catch (error) {
      cable.close();
      throw error;
    }
  }

  private constructor(ends: readonly [CableEnd, CableEnd], seed: number) {
    this.ends = ends;
    const places = ends.map(({ namespace, device }) => ({ namespace: namespace.name, device }));
    const carrier = spawn('python3', [program, JSON.stringify({ ends: places, seed })], {
      env: systemEnv,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Whoever asks it next hears that it has ended.
    carrier.stdin.on('error', () => undefined);
    this.#carrier = carrier;
    this.#answers = createInterface({ input: carrier.stdout })[Symbol.asyncIterator]();
  }

  /** Changes the quality from now on; packets that are under way keep theirs. */
  async set(quality: Partial<CableQuality>): Promise<void> {
    await this.#ask(quality);
  }

  /**
   * Lets no more than so many bits per second through towards one end, from now on; undefined: as many as come. What is
   * too much waits for 300 ms at most, as in the router of a house.
   */
  limit(towards: Namespace, bitsPerSecond: number | undefined): void {
    const from = this.ends.find(({ namespace }) => namespace !== towards);
    if (!from) throw new Error('a cable has two ends');
    const { namespace, device } = from;
    if (bitsPerSecond === undefined) namespace.run('tc', 'qdisc', 'delete', 'dev', device, 'root');
    else {
      const filter = ['tbf', 'rate', `${bitsPerSecond}bit`, 'burst', '3000', 'latency', '300ms'];
      namespace.run('tc', 'qdisc', 'replace', 'dev', device, 'root', ...filter);
    }
  }

  /** Packets so far, from the first end to the second and back. */
  async counts(): Promise<{ there: CableCounts; back: CableCounts }> {
    const [there, back] = await this.#ask({});
    return { there, back };
  }

  /** Pulls it out. Synchronous, so that it can be called while the process exits. */
  close(): void {
    this.#carrier.kill('SIGKILL');
  }

  /** For tests of the library itself. */
  get closed(): Promise<unknown> {
    return this.#carrier.exitCode === null && this.#carrier.signalCode === null
      ? once(this.#carrier, 'exit')
      : Promise.resolve();
  }

  #ask(order: Partial<CableQuality>): Promise<[CableCounts, CableCounts]> {
    const asked = this.#asking.then(async () => {
      this.#carrier.stdin?.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await this.#answers.next();
      if (done) throw new Error('the program that carries the packets has ended');
      return JSON.parse(value) as [CableCounts, CableCounts];
    });
    this.#asking = asked.catch(() => undefined);
    return asked;
  }
}
