import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Kind, RtpCapabilities, RtpParameters, TransportInfo } from '../../../src/protocol/index.ts';
import { Calls } from '../calls.ts';
import { residentBytes, startCpuWatch } from '../processUse.ts';

export type RawCall =
  | { do: 'transport'; fingerprints: { algorithm: string; value: string }[] }
  | { do: 'produce'; transportId: string; kind: Kind; rtpParameters: RtpParameters; keyFrameRequestDelay: number }
  | {
      do: 'consume';
      transportId: string;
      producerId: string;
      capabilities: RtpCapabilities;
      layers?: { spatialLayer: number; temporalLayer: number };
    }
  | { do: 'observe'; producerId: string }
  | { do: 'heard'; producerId: string }
  | { do: 'heap' };

export interface RawReady {
  workerPid: number;
}

export interface RawConsumer {
  consumerId: string;
  kind: Kind;
  rtpParameters: RtpParameters;
}

const program = fileURLToPath(new URL('rawProcess.ts', import.meta.url));

/** mediasoup without Plenum, in a process of its own: what everything else is compared with. */
export class RawServer {
  readonly #pids: readonly number[];
  readonly #calls: Calls<RawCall>;

  static async start(): Promise<RawServer> {
    const args = ['--expose-gc', program];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const { calls, ready } = await Calls.to<RawCall, RawReady>(child, 'the raw worker');
    if (child.pid === undefined) throw new Error('the raw worker has not started');
    return new RawServer([child.pid, ready.workerPid], calls);
  }

  private constructor(pids: readonly number[], calls: Calls<RawCall>) {
    this.#pids = pids;
    this.#calls = calls;
  }

  createTransport(fingerprint: string): Promise<TransportInfo> {
    return this.#calls.call({ do: 'transport', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] });
  }

  /** @returns the producer's id */
  produce(
    transportId: string,
    options: { kind: Kind; rtpParameters: RtpParameters; keyFrameRequestDelay: number },
  ): Promise<string> {
    return this.#calls.call({ do: 'produce', transportId, ...options });
  }

  consume(
    transportId: string,
    options: {
      producerId: string;
      capabilities: RtpCapabilities;
      layers?: { spatialLayer: number; temporalLayer: number };
    },
  ): Promise<RawConsumer> {
    return this.#calls.call({ do: 'consume', transportId, ...options });
  }

  /** Gives the audio of a producer to mediasoup's own AudioLevelObserver, at its shortest interval. */
  observe(producerId: string): Promise<void> {
    return this.#calls.call({ do: 'observe', producerId });
  }

  /** When the observer next says that this producer is among the loudest; milliseconds since 1970. */
  heard(producerId: string): Promise<number> {
    return this.#calls.call({ do: 'heard', producerId });
  }

  /** Memory that is resident now, in MB. */
  memory(): { node: number; workers: number } {
    const [node = Number.NaN, workers = Number.NaN] = this.#pids.map((pid) => residentBytes(pid) / 1e6);
    return { node, workers };
  }

  /** Bytes of heap that are in use after a collection. */
  heapBytes(): Promise<number> {
    return this.#calls.call({ do: 'heap' });
  }

  /** Watches the CPU of Node and of the worker, in seconds, from now on. */
  watchCpu(): () => { node: number; workers: number } {
    const used = startCpuWatch(this.#pids);
    return () => {
      const [node = 0, workers = 0] = used().each;
      return { node, workers };
    };
  }

  close(): Promise<void> {
    return this.#calls.close();
  }
}
