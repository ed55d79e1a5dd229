import type { Logger } from '../log.ts';
import type { RtpCapabilities, SubscriptionInfo, SubscriptionStatus } from '../protocol/index.ts';
import type { Wanted } from './layers.ts';
import type { Publication } from './Publication.ts';
import type { MediaConsumer, MediaTransport } from './ports.ts';
import { statusOf } from './subscriptionStatus.ts';

/** What one wanted publication has come to. */
type Actual =
  | { state: 'creating'; publication: Publication; wanted: Wanted | undefined }
  | {
      state: 'active';
      publication: Publication;
      wanted: Wanted | undefined;
      consumer: MediaConsumer;
      waiting: boolean;
      told: boolean;
    }
  | { state: 'refused'; publication: Publication };

export interface SubscriptionStateReport {
  publicationId: string;
  status: SubscriptionStatus;
  spatialLayer?: number;
  temporalLayer?: number;
}

/** Hears what becomes of subscriptions after the join has been answered. */
export interface SubscriptionListener {
  added(subscriptions: { info: SubscriptionInfo; publication: Publication }[]): void;
  removed(subscriptionIds: string[]): void;
  stateChanged(publicationId: string): void;
  /** Packets of a video may flow from now on, and a picture is due. */
  flowing(publicationId: string): void;
}

export interface SubscriptionsOptions {
  transport: MediaTransport;
  capabilities: RtpCapabilities;
  canConsume: (publication: Publication) => boolean;
  listener: SubscriptionListener;
  log: Logger;
}

/**
 * What one participant receives: `reconcile()` says what is wanted, and this makes it so. The actual state follows by
 * itself, whatever else changes while a consumer is being made.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  /** By publication id. */
  readonly #actual = new Map<string, Actual>();
  readonly #creating = new Set<Promise<void>>();
  /** Publications of which something is to be reported that the client does not know yet. */
  readonly #unsaid = new Set<string>();
  /** Whether the first view is complete: until then everything is made flowing and goes into the join's answer. */
  #complete = false;
  /** Whether the join has been answered. */
  #opened = false;
  #closed = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** By what a publication is received now; undefined where it is not, or not yet. */
  consumerOf(publicationId: string): MediaConsumer | undefined {
    const actual = this.#actual.get(publicationId);
    return actual?.state === 'active' ? actual.consumer : undefined;
  }

  /**
   * @param audio publications that are all wanted
   * @param videos the videos of the view, with their layers
   * @param find a publication by its id
   */
  reconcile(
    audio: readonly Publication[],
    videos: readonly Wanted[],
    find: (publicationId: string) => Publication | undefined,
  ): void {
    if (this.#closed) return;
    const wanted = new Map<string, { publication: Publication; wanted: Wanted | undefined }>();
    for (const publication of audio) wanted.set(publication.publicationId, { publication, wanted: undefined });
    for (const video of videos) {
      const publication = find(video.publicationId);
      if (publication) wanted.set(video.publicationId, { publication, wanted: video });
    }
    this.#removeAllBut(wanted);
    const creations: Promise<Actual | undefined>[] = [];
    for (const [publicationId, want] of wanted) {
      const actual = this.#actual.get(publicationId);
      if (actual) this.#adjust(actual, want.wanted);
      else creations.push(this.#create(want.publication, want.wanted));
    }
    if (creations.length > 0) this.#track(this.#announceWhenMade(creations));
  }

  /**
   * Resolves when the first view has been made. What comes to be wanted from now on does not hold up the join: where
   * many come at once, there is always something being made.
   */
  async firstView(): Promise<void> {
    this.#complete = true;
    await Promise.all([...this.#creating]);
  }

  /** From now on news goes to the listener; returns all that there is already. */
  open(): SubscriptionInfo[] {
    this.#opened = true;
    const told = [...this.#actual.values()].flatMap((actual) => (actual.state === 'active' ? [tell(actual)] : []));
    for (const publicationId of [...this.#unsaid]) this.#stateChanged(publicationId);
    return told;
  }

  /** Lets packets flow to consumers that the client has built. Unknown ids are passed over: they may be just gone. */
  async start(subscriptionIds: readonly string[]): Promise<void> {
    const ids = new Set(subscriptionIds);
    const starting = [...this.#actual.values()].filter(
      (actual) => actual.state === 'active' && actual.waiting && ids.has(actual.consumer.consumerId),
    );
    await Promise.all(
      starting.map(async (actual) => {
        if (actual.state !== 'active') return;
        actual.waiting = false;
        try {
          await actual.consumer.resume();
          this.#flows(actual);
        } catch (error) {
          // Asked again, it is tried again; one that was closed meanwhile is asked no more.
          actual.waiting = true;
          this.#options.log.debug({ err: error }, 'a subscription could not be started');
        }
      }),
    );
  }

  /** What is to be said of a publication's subscription right now; undefined when there is none. */
  report(publicationId: string): SubscriptionStateReport | undefined {
    const actual = this.#actual.get(publicationId);
    switch (actual?.state) {
      case undefined:
      case 'creating':
        return undefined;
      case 'refused':
        return { publicationId, status: 'cannot-decode' };
      case 'active':
        return actual.told ? { publicationId, ...statusOf(actual.publication, actual.consumer) } : undefined;
    }
  }

  close(): void {
    this.#closed = true;
    for (const actual of this.#actual.values()) if (actual.state === 'active') actual.consumer.close();
    this.#actual.clear();
  }

  #removeAllBut(wanted: ReadonlyMap<string, unknown>): void {
    const removed: string[] = [];
    for (const [publicationId, actual] of this.#actual) {
      if (wanted.has(publicationId)) continue;
      this.#actual.delete(publicationId);
      this.#unsaid.delete(publicationId);
      if (actual.state !== 'active') continue;
      actual.consumer.close();
      // Made, but its news still waits for others that are being made: the client has never heard of it.
      if (actual.told) removed.push(actual.consumer.consumerId);
    }
    if (removed.length > 0) this.#options.listener.removed(removed);
  }

  #adjust(actual: Actual, wanted: Wanted | undefined): void {
    if (actual.state === 'refused' || !wanted) return;
    const before = actual.wanted;
    actual.wanted = wanted;
    if (actual.state === 'active') this.#apply(actual.consumer, before, wanted);
  }

  #apply(consumer: MediaConsumer, before: Wanted | undefined, wanted: Wanted): void {
    if (before?.priority !== wanted.priority) void this.#unlessClosed(consumer.setPriority(wanted.priority));
    if (before?.layers.spatialLayer !== wanted.layers.spatialLayer) {
      void this.#unlessClosed(consumer.setPreferredLayers(wanted.layers));
    }
  }

  async #create(publication: Publication, wanted: Wanted | undefined): Promise<Actual | undefined> {
    const { transport, capabilities, canConsume, log } = this.#options;
    const { publicationId } = publication;
    if (!canConsume(publication)) {
      this.#actual.set(publicationId, { state: 'refused', publication });
      this.#stateChanged(publicationId);
      return undefined;
    }
    const creating: Actual = { state: 'creating', publication, wanted };
    this.#actual.set(publicationId, creating);
    // Audio may flow before the client is ready for it: it has no key frames to miss.
    const waiting = this.#complete && publication.kind === 'video';
    try {
      const consumer = await transport.consume({
        producerId: publication.producer.producerId,
        capabilities,
        paused: waiting,
        ...(wanted && { layers: wanted.layers }),
      });
      if (this.#actual.get(publicationId) !== creating) {
        // No longer wanted, or wanted anew, or all is closed: this one is nobody's.
        consumer.close();
        return undefined;
      }
      const active: Extract<Actual, { state: 'active' }> = {
        state: 'active',
        publication,
        wanted: creating.wanted,
        consumer,
        waiting,
        told: false,
      };
      this.#actual.set(publicationId, active);
      consumer.on('stateChanged', () => this.#stateChanged(publicationId));
      if (creating.wanted) this.#apply(consumer, wanted && { ...wanted, priority: 1 }, creating.wanted);
      if (consumer.kind === 'video' && !waiting) transport.whenConnected(() => this.#flows(active));
      return active;
    } catch (error) {
      if (this.#actual.get(publicationId) === creating) this.#actual.delete(publicationId);
      log.debug({ err: error, publicationId }, 'a subscription could not be made');
      return undefined;
    }
  }

  /** Only if it is still received: the connection may have taken its time. */
  #flows(actual: Extract<Actual, { state: 'active' }>): void {
    const { publicationId } = actual.publication;
    if (this.#actual.get(publicationId) === actual) this.#options.listener.flowing(publicationId);
  }

  /** All that one change of the view or the room brings is told in one message. */
  async #announceWhenMade(creations: Promise<Actual | undefined>[]): Promise<void> {
    const made = await Promise.all(creations);
    if (!this.#opened) return;
    const added = made.flatMap((actual) => {
      if (actual?.state !== 'active' || actual.told) return [];
      if (this.#actual.get(actual.publication.publicationId) !== actual) return [];
      return [{ info: tell(actual), publication: actual.publication }];
    });
    if (added.length === 0) return;
    this.#options.listener.added(added);
    for (const { info } of added) if (this.#unsaid.has(info.publicationId)) this.#stateChanged(info.publicationId);
  }

  /** What is to be reported of something that the client has not been told of has to wait until it has. */
  #stateChanged(publicationId: string): void {
    const actual = this.#actual.get(publicationId);
    const known = this.#opened && (actual?.state !== 'active' || actual.told);
    if (known) this.#unsaid.delete(publicationId);
    else this.#unsaid.add(publicationId);
    if (known) this.#options.listener.stateChanged(publicationId);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#creating.delete(tracked));
    this.#creating.add(tracked);
  }

  /** A consumer may close while the worker works on it: then what was asked of it does not matter any more. */
  async #unlessClosed(request: Promise<void>): Promise<void> {
    try {
      await request;
    } catch (error) {
      this.#options.log.debug({ err: error }, 'a request to a consumer failed');
    }
  }
}

/** Each subscription is told once: in the join's answer or in a notice. */
function tell(actual: Extract<Actual, { state: 'active' }>): SubscriptionInfo {
  actual.told = true;
  const { publication, consumer, waiting } = actual;
  return {
    subscriptionId: consumer.consumerId,
    publicationId: publication.publicationId,
    participantId: publication.participantId,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    waiting,
    muted: publication.muted,
  };
}
