import type { Logger } from '../log.ts';
import type { SubscriptionInfo } from '../protocol/index.ts';
import { Flow } from './Flow.ts';
import type { Wanted } from './layers.ts';
import type { Publication } from './Publication.ts';
import type { Clock, MediaConsumer, PreferredLayers } from './ports.ts';
import type { ReceiveOptions } from './RoomMedia.ts';

/**
 * Why packets are held back although there is a consumer for them. `waiting`: the client has not built its side yet.
 * `hidden`: it left the view a moment ago and may come back. `bandwidth`: the connection cannot carry it. `inaudible`:
 * others are louder.
 */
export type HoldReason = 'waiting' | 'hidden' | 'bandwidth' | 'inaudible';

/** What a wanted publication has come to. */
type Actual =
  | { state: 'creating' }
  | { state: 'active'; flow: Flow }
  | { state: 'refused' }
  | { state: 'failed' }
  | { state: 'closed' };

/** Hears what becomes of subscriptions. */
export interface SubscriptionWatcher {
  stateChanged(publicationId: string): void;
  /** Packets of a video may flow from now on, and a picture is due. */
  flowing(publicationId: string): void;
  /** The spatial layer of a video that this participant has use for is another one; undefined: none. */
  demanded(publicationId: string, before: number | undefined, now: number | undefined): void;
}

/** What it takes to make subscriptions of one participant. */
export interface SubscriptionMakings {
  canConsume: (publication: Publication) => boolean;
  consume: (publication: Publication, options: Omit<ReceiveOptions, 'capabilities'>) => Promise<MediaConsumer>;
  /** Calls the listener when media can flow; at once where it can already. */
  whenConnected: (listener: () => void) => void;
  clock: Clock;
  log: Logger;
}

/** Milliseconds until something that the worker failed to make is tried again; doubled each time up to the second. */
const firstRetryMs = 1000;
const lastRetryMs = 16_000;

/** One publication that one participant wants: from then on until nothing of it is left. */
export class Subscription {
  readonly publication: Publication;
  readonly #makings: SubscriptionMakings;
  readonly #watcher: SubscriptionWatcher;
  readonly #holds: Set<HoldReason>;
  #wanted: Wanted | undefined;
  #cap: PreferredLayers | undefined;
  #actual: Actual = { state: 'creating' };
  /** The spatial layer that was last asked of the publisher. */
  #demand: number | undefined;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #cancelHiding: (() => void) | undefined;
  #told = false;

  /** @param holds what holds its packets back from the beginning */
  constructor(
    { publication, wanted, holds }: { publication: Publication; wanted: Wanted | undefined; holds: HoldReason[] },
    makings: SubscriptionMakings,
    watcher: SubscriptionWatcher,
  ) {
    this.publication = publication;
    this.#wanted = wanted;
    this.#holds = new Set(holds);
    this.#makings = makings;
    this.#watcher = watcher;
  }

  get publicationId(): string {
    return this.publication.publicationId;
  }

  get consumer(): MediaConsumer | undefined {
    return this.#actual.state === 'active' ? this.#actual.flow.consumer : undefined;
  }

  /** What was asked for last. */
  get wanted(): Wanted | undefined {
    return this.#wanted;
  }

  /** Whether this participant cannot decode it. */
  get refused(): boolean {
    return this.#actual.state === 'refused';
  }

  /** Whether the client has heard of it. */
  get told(): boolean {
    return this.#told;
  }

  /** Whether there is a consumer, and nothing holds its packets back. */
  get flows(): boolean {
    return this.#actual.state === 'active' && this.#holds.size === 0;
  }

  isHeld(reason: HoldReason): boolean {
    return this.#holds.has(reason);
  }

  /**
   * Resolves when there is a consumer, or none can be had for now; after a failure `retry` is called in a while. Where the
   * publisher's worker has gone, there is one to be made when the publication is restored.
   */
  async make(retry: () => void): Promise<void> {
    const { canConsume, consume, clock, log } = this.#makings;
    const { publicationId } = this;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (!this.publication.live) {
      this.#become({ state: 'creating' });
      return;
    }
    if (!canConsume(this.publication)) {
      this.#become({ state: 'refused' });
      this.#watcher.stateChanged(publicationId);
      return;
    }
    this.#become({ state: 'creating' });
    const open = this.#holds.size === 0;
    const layers = this.#layers;
    try {
      const consumer = await consume(this.publication, {
        paused: !open,
        ...(layers && { layers }),
        stillWanted: () => this.#actual.state !== 'closed',
      });
      // No longer wanted, or all is closed: this one is nobody's.
      if (this.#actual.state === 'closed') consumer.close();
      else this.#made(consumer, layers, open);
    } catch (error) {
      log.debug({ err: error, publicationId }, 'a subscription could not be made');
      if (this.#actual.state === 'closed') return;
      this.#become({ state: 'failed' });
      this.#cancelRetry = clock.after(Math.min(lastRetryMs, firstRetryMs * 2 ** this.#failures), retry);
      this.#failures += 1;
    }
  }

  want(wanted: Wanted | undefined): void {
    this.#wanted = wanted;
    this.#applyPreference();
    this.#updateDemand();
    void this.#applyFlow();
  }

  /** No higher layers than these, whatever is wanted; what is asked of the publisher stays. */
  setCap(cap: PreferredLayers | undefined): void {
    this.#cap = cap;
    this.#applyPreference();
  }

  /** Holds packets back, or lets them go as far as nothing else holds them. */
  setHeld(reason: HoldReason, held: boolean): void {
    if (held === this.#holds.has(reason)) return;
    if (held) this.#holds.add(reason);
    else this.#holds.delete(reason);
    this.#updateDemand();
    void this.#applyFlow();
    this.#watcher.stateChanged(this.publicationId);
  }

  /** The client is ready. Resolves when the worker has been told; asked again, it is told again where that failed. */
  async start(): Promise<void> {
    this.#holds.delete('waiting');
    await this.#applyFlow();
  }

  /**
   * It left the view, or others are louder: nothing flows any more.
   * @param expired called when it has not come back in time
   * @returns whether it is kept for coming back; else it is to be closed now
   */
  hide(graceMs: number, expired: () => void): boolean {
    // One of which the client has not heard costs it nothing when it comes anew.
    if (!this.#told || !this.consumer) return false;
    this.#cancelHiding ??= this.#makings.clock.after(graceMs, expired);
    this.setHeld(this.#leaving, true);
    return true;
  }

  /** It is in the view, or heard, again or still. */
  show(): void {
    this.#cancelHiding?.();
    this.#cancelHiding = undefined;
    this.setHeld(this.#leaving, false);
  }

  /** Each subscription is told once: in the join's answer or in a notice. Undefined where there is nothing to tell. */
  tell(): SubscriptionInfo | undefined {
    if (!this.consumer || this.#told) return undefined;
    this.#told = true;
    return this.info;
  }

  /** Undefined while there is no consumer. */
  get info(): SubscriptionInfo | undefined {
    const { consumer, publication } = this;
    if (!consumer) return undefined;
    return {
      subscriptionId: consumer.consumerId,
      publicationId: publication.publicationId,
      participantId: publication.participantId,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters,
      waiting: this.isHeld('waiting'),
      muted: publication.muted,
    };
  }

  close(): void {
    const { consumer } = this;
    this.#cancelHiding?.();
    this.#cancelRetry?.();
    this.#become({ state: 'closed' });
    consumer?.close();
  }

  get #leaving(): HoldReason {
    return this.publication.kind === 'audio' ? 'inaudible' : 'hidden';
  }

  #made(consumer: MediaConsumer, layers: PreferredLayers | undefined, open: boolean): void {
    const { whenConnected, log } = this.#makings;
    const failed = (error: unknown) => log.debug({ err: error }, 'a request to a consumer failed');
    this.#failures = 0;
    this.#become({ state: 'active', flow: new Flow({ consumer, layers, open, failed }) });
    consumer.on('stateChanged', () => this.#watcher.stateChanged(this.publicationId));
    // What is wanted may have changed while it was being made.
    this.#applyPreference();
    void this.#applyFlow();
    if (open) whenConnected(() => this.#tellFlowing());
  }

  #applyPreference(): void {
    const layers = this.#layers;
    if (this.#actual.state === 'active' && this.#wanted && layers) {
      this.#actual.flow.prefer(layers, this.#wanted.priority);
    }
  }

  /** What is wanted, as far as the cap allows. */
  get #layers(): PreferredLayers | undefined {
    const layers = this.#wanted?.layers;
    if (!layers || !this.#cap) return layers;
    return {
      spatialLayer: Math.min(layers.spatialLayer, this.#cap.spatialLayer),
      temporalLayer: Math.min(layers.temporalLayer, this.#cap.temporalLayer),
    };
  }

  async #applyFlow(): Promise<void> {
    if (this.#actual.state !== 'active') return;
    if (await this.#actual.flow.setOpen(this.#holds.size === 0)) this.#tellFlowing();
  }

  /** Only if it is still received: the connection, or the worker, may have taken its time. */
  #tellFlowing(): void {
    const { kind, publicationId } = this.publication;
    if (this.flows && kind === 'video') this.#watcher.flowing(publicationId);
  }

  #become(actual: Actual): void {
    this.#actual = actual;
    this.#updateDemand();
  }

  /** What waits for the client counts: its first picture is due as soon as the client is ready. */
  #updateDemand(): void {
    const { state } = this.#actual;
    const has = (state === 'creating' || state === 'active') && !this.isHeld('hidden') && !this.isHeld('bandwidth');
    const before = this.#demand;
    this.#demand = has ? this.#wanted?.layers.spatialLayer : undefined;
    if (before !== this.#demand) this.#watcher.demanded(this.publicationId, before, this.#demand);
  }
}
