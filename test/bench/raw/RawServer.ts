import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Kind, RtpCapabilities, RtpParameters, TransportInfo } from '../../../src/protocol/index.ts';
import { residentBytes, startCpuWatch } from '../processUse.ts';

export type RawCall = { id: number } & (
  | { do: 'transport'; fingerprints: { algorithm: string; value: string }[] }
  | { do: 'produce'; transportId: string; kind: Kind; rtpParameters: RtpParameters; keyFrameRequestDelay: number }
  | {
      do: 'consume';
      transportId: string;
      producerId: string;
      capabilities: RtpCapabilities;
      layers?: { spatialLayer: number; temporalLayer: number };
    }
  | { do: 'heap' }
);

export type RawAnswer = { id: number; data: unknown } | { id: number; error: string };

export interface RawReady {
  workerPid: number;
}

export interface RawConsumer {
  consumerId: string;
  kind: Kind;
  rtpParameters: RtpParameters;
}

type Body<C> = C extends unknown ? Omit<C, 'id'> : never;

const program = fileURLToPath(new URL('rawProcess.ts', import.meta.url));

/** mediasoup without Plenum, in a process of its own: what everything else is compared with. */
export class RawServer {
  readonly #process: ChildProcess;
  readonly #pids: readonly number[];
  readonly #waiting = new Map<number, { resolve: (data: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;

  static async start(): Promise<RawServer> {
    const child = spawn(process.execPath, ['--expose-gc', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the raw worker has ended');
    });
    const [ready] = await Promise.race([once(child, 'message'), ended]);
    // From here on an end is close()'s doing.
    ended.catch(() => undefined);
    return new RawServer(child, ready);
  }

  private constructor(child: ChildProcess, { workerPid }: RawReady) {
    if (child.pid === undefined) throw new Error('the raw worker has not started');
    this.#process = child;
    this.#pids = [child.pid, workerPid];
    child.on('message', (answer: RawAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.data);
    });
  }

  createTransport(fingerprint: string): Promise<TransportInfo> {
    return this.#call({ do: 'transport', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] });
  }

  /** @returns the producer's id */
  produce(
    transportId: string,
    options: { kind: Kind; rtpParameters: RtpParameters; keyFrameRequestDelay: number },
  ): Promise<string> {
    return this.#call({ do: 'produce', transportId, ...options });
  }

  consume(
    transportId: string,
    options: {
      producerId: string;
      capabilities: RtpCapabilities;
      layers?: { spatialLayer: number; temporalLayer: number };
    },
  ): Promise<RawConsumer> {
    return this.#call({ do: 'consume', transportId, ...options });
  }

  /** Memory that is resident now, in MB. */
  memory(): { node: number; workers: number } {
    const [node = Number.NaN, workers = Number.NaN] = this.#pids.map((pid) => residentBytes(pid) / 1e6);
    return { node, workers };
  }

  /** Bytes of heap that are in use after a collection. */
  heapBytes(): Promise<number> {
    return this.#call({ do: 'heap' });
  }

  /** Watches the CPU of Node and worker together, in seconds, from now on. */
  watchCpu(): () => number {
    const used = startCpuWatch(this.#pids);
    return () => used().seconds;
  }

  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  async #call<T>(body: Body<RawCall>): Promise<T> {
    this.#calls += 1;
    const id = this.#calls;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#process.send({ id, ...body });
    // Both ends of this pipe are this benchmark's.
    return (await answered) as T;
  }
}
