import { parseScalabilityMode, type types } from 'mediasoup';
import { Emitter } from '../events.ts';
import type { StreamStats } from '../room/mediaStats.ts';
import type { MediaProducer } from '../room/ports.ts';
import { codecName } from './convert.ts';
import { streamStats, unlessClosed } from './stats.ts';

/** One publication's packets on their way into the worker. */
export class Producer implements MediaProducer {
  readonly producerId: string;
  readonly codec: string;
  readonly spatialLayers: number;
  readonly #producer: types.Producer;
  readonly #events = new Emitter<{ score: [number] }>();

  constructor(producer: types.Producer) {
    this.#producer = producer;
    this.producerId = producer.id;
    this.codec = codecName(producer.rtpParameters.codecs[0]?.mimeType ?? 'unknown/unknown');
    this.spatialLayers = spatialLayers(producer.rtpParameters);
    producer.on('score', (scores) => {
      this.#events.emit('score', Math.max(0, ...scores.map(({ score }) => score)));
    });
  }

  get closed(): boolean {
    return this.#producer.closed;
  }

  on(event: 'score', listener: (score: number) => void): () => void {
    return this.#events.on(event, listener);
  }

  async stats(): Promise<StreamStats[]> {
    const stats = (await unlessClosed(this.#producer, () => this.#producer.getStats())) ?? [];
    // In the order of the encodings, whichever came first.
    const ssrcs = this.#producer.rtpParameters.encodings?.map(({ ssrc, rid }) => rid ?? ssrc) ?? [];
    const place = ({ rid, ssrc }: types.ProducerStat) => ssrcs.indexOf(rid ?? ssrc);
    return stats.toSorted((a, b) => place(a) - place(b)).map(streamStats);
  }

  pause(): Promise<void> {
    return this.#producer.pause();
  }

  resume(): Promise<void> {
    return this.#producer.resume();
  }

  close(): void {
    this.#events.clear();
    this.#producer.close();
  }
}

function spatialLayers({ encodings = [] }: types.RtpParameters): number {
  if (encodings.length > 1) return encodings.length;
  return parseScalabilityMode(encodings[0]?.scalabilityMode).spatialLayers;
}
