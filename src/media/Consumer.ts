import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import type { Kind, RtpParameters } from '../protocol/index.ts';
import type { StreamStats } from '../room/mediaStats.ts';
import type { ConsumerState, MediaConsumer, MediaConsumerEvents, PreferredLayers } from '../room/ports.ts';
import { streamStats, unlessClosed } from './stats.ts';

/** One publication's packets on their way to one participant. */
export class Consumer implements MediaConsumer {
  readonly consumerId: string;
  readonly kind: Kind;
  readonly rtpParameters: RtpParameters;
  readonly #consumer: types.Consumer;
  readonly #events = new Emitter<MediaConsumerEvents>();

  constructor(consumer: types.Consumer) {
    this.#consumer = consumer;
    this.consumerId = consumer.id;
    this.kind = consumer.kind;
    this.rtpParameters = consumer.rtpParameters as RtpParameters;
    const changed = () => this.#events.emit('stateChanged', this.state);
    consumer.on('layerschange', changed);
    consumer.on('score', changed);
    consumer.observer.once('close', () => {
      this.#events.emit('closed');
      this.#events.clear();
    });
  }

  get state(): ConsumerState {
    const { currentLayers, score, type } = this.#consumer;
    const producerSends = Math.max(score.producerScore, ...score.producerScores) > 0;
    // A simple consumer has no layers to report: it forwards the one there is.
    if (type === 'simple')
      return { layers: producerSends ? { spatialLayer: 0, temporalLayer: 0 } : undefined, producerSends };
    const layers = currentLayers && {
      spatialLayer: currentLayers.spatialLayer,
      temporalLayer: currentLayers.temporalLayer ?? 0,
    };
    return { layers, producerSends };
  }

  get closed(): boolean {
    return this.#consumer.closed;
  }

  on<K extends keyof MediaConsumerEvents>(event: K, listener: (...args: MediaConsumerEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async stats(): Promise<StreamStats | undefined> {
    const stats = (await unlessClosed(this.#consumer, () => this.#consumer.getStats())) ?? [];
    const [sent] = stats.filter(({ type }) => type === 'outbound-rtp');
    return sent && streamStats(sent);
  }

  pause(): Promise<void> {
    return this.#consumer.pause();
  }

  resume(): Promise<void> {
    return this.#consumer.resume();
  }

  setPreferredLayers(layers: PreferredLayers): Promise<void> {
    return this.#consumer.setPreferredLayers(layers);
  }

  setPriority(priority: number): Promise<void> {
    return this.#consumer.setPriority(priority);
  }

  close(): void {
    this.#consumer.close();
  }
}
