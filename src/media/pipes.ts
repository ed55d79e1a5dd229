import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { PlenumError } from '../protocol/index.ts';
import type { MediaLink, MediaPipe } from '../room/ports.ts';
import { workerRefused } from './convert.ts';
import { stillOpen } from './stillOpen.ts';

export interface PortRange {
  min: number;
  max: number;
}

/**
 * Two routers, connected over loopback by one transport each. mediasoup's own pipeToRouter() is not used: it pauses and
 * resumes with promises that nobody holds, so that a worker that hangs could end this process.
 */
export class Link implements MediaLink {
  readonly #ends: readonly [End, End];
  readonly #events = new Emitter<{ closed: [] }>();
  #closed = false;

  static async create(routers: readonly [types.Router, types.Router], portRange: PortRange): Promise<Link> {
    const made = await Promise.allSettled(routers.map((router) => createEnd(router, portRange)));
    const [near, far] = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    try {
      if (!near || !far) throw made.find((result) => result.status === 'rejected')?.reason;
      await Promise.all([near.connectTo(far), far.connectTo(near)]);
      if (near.transport.closed || far.transport.closed) throw new Error('one of the routers was closed meanwhile');
      return new Link([near, far]);
    } catch (error) {
      near?.transport.close();
      far?.transport.close();
      throw workerRefused(error, 'cannot connect two workers');
    }
  }

  private constructor(ends: readonly [End, End]) {
    this.#ends = ends;
    for (const { transport } of ends) {
      transport.observer.once('close', () => {
        this.#events.emit('closed');
        this.close();
      });
    }
  }

  on(event: 'closed', listener: () => void): () => void {
    return this.#events.on(event, listener);
  }

  async pipe(producerId: string, { routerId }: { routerId: string }): Promise<MediaPipe> {
    const [near, far] = this.#ends;
    const [from, to] = near.routerId === routerId ? [near, far] : [far, near];
    const consumer = stillOpen(from.transport, await from.transport.consume({ producerId }));
    try {
      const { kind, rtpParameters, producerPaused } = consumer;
      const made = await to.transport.produce({ id: producerId, kind, rtpParameters, paused: producerPaused });
      const producer = stillOpen(to.transport, made);
      // Whichever of them went, the other has to go too.
      if (consumer.closed) producer.close();
      if (producer.closed) throw new PlenumError('closed', 'the publication or a router was closed meanwhile');
      return new Pipe(consumer, producer);
    } catch (error) {
      consumer.close();
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.clear();
    for (const { transport } of this.#ends) transport.close();
  }
}

interface End {
  routerId: string;
  transport: types.PipeTransport;
  connectTo(other: End): Promise<void>;
}

/**
 * All that goes from one worker to the other waits in one socket while that is busy, so that the kernel's usual buffer
 * (about a hundred packets) would overflow. Linux gives at most net.core.rmem_max.
 */
const bufferBytes = 4 * 1024 * 1024;

/** On loopback nothing is lost on the way and nobody else listens: no retransmission, no SRTP. */
async function createEnd(router: types.Router, portRange: PortRange): Promise<End> {
  const buffers = { sendBufferSize: bufferBytes, recvBufferSize: bufferBytes };
  const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1', portRange, ...buffers };
  const made = await router.createPipeTransport({ listenInfo, enableRtx: false, enableSrtp: false });
  const transport = stillOpen(router, made);
  return {
    routerId: router.id,
    transport,
    connectTo: ({ transport: { tuple } }) => transport.connect({ ip: tuple.localAddress, port: tuple.localPort }),
  };
}

/** One publication on its way over a link: whatever becomes of the one end becomes of the other. */
class Pipe implements MediaPipe {
  readonly #consumer: types.Consumer;
  readonly #producer: types.Producer;
  readonly #events = new Emitter<{ closed: [] }>();
  #closed = false;
  #following = false;

  constructor(consumer: types.Consumer, producer: types.Producer) {
    this.#consumer = consumer;
    this.#producer = producer;
    consumer.observer.once('close', () => this.#gone());
    producer.observer.once('close', () => this.#gone());
    consumer.on('producerpause', () => void this.#follow());
    consumer.on('producerresume', () => void this.#follow());
    // It may have been paused or resumed while this was being made.
    void this.#follow();
  }

  get producerId(): string {
    return this.#producer.id;
  }

  on(event: 'closed', listener: () => void): () => void {
    return this.#events.on(event, listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.clear();
    this.#producer.close();
    this.#consumer.close();
  }

  #gone(): void {
    this.#events.emit('closed');
    this.close();
  }

  /** One request after the other, each towards what holds then. */
  async #follow(): Promise<void> {
    if (this.#following) return;
    this.#following = true;
    try {
      while (!this.#closed && this.#producer.paused !== this.#consumer.producerPaused) {
        await (this.#consumer.producerPaused ? this.#producer.pause() : this.#producer.resume());
      }
    } catch {
      // The far end went, or its worker will not do it: what does not follow its publisher must not stay.
      this.#gone();
    } finally {
      this.#following = false;
    }
  }
}
