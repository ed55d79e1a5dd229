import type { Kind, SubscriptionInfo } from '../protocol/index.ts';
import type { Wanted } from './layers.ts';
import type { Publication } from './Publication.ts';
import type { MediaConsumer, PreferredLayers } from './ports.ts';
import { type HoldReason, Subscription, type SubscriptionMakings, type SubscriptionWatcher } from './Subscription.ts';

/** Hears what becomes of subscriptions. */
export interface SubscriptionListener extends SubscriptionWatcher {
  /** Only after the join has been answered. */
  added(subscriptions: { info: SubscriptionInfo; publication: Publication }[]): void;
  /** The client knows of subscriptions of which it did not know before. */
  announced(): void;
  /** Only what was told before. */
  removed(subscriptionIds: string[]): void;
  /** Nothing is left of it; if it comes again, it is another subscription. */
  forgotten(publicationId: string): void;
}

export interface SubscriptionsOptions extends SubscriptionMakings {
  listener: SubscriptionListener;
  /** Milliseconds that a video which left the view is kept, paused, since it may come back. */
  hiddenGraceMs: number;
  /** How many voices that are heard no more are kept, paused, since they may speak again. */
  keptVoices: number;
  /** How many there are at most, with those that are kept. */
  maxSubscriptions: number;
}

interface Want {
  publication: Publication;
  wanted?: Wanted;
}

/** More videos that are kept for coming back would only cost memory: the one that left first goes. */
const mostHidden = 250;
/** Milliseconds that a voice is kept which is heard no more: a new consumer costs each listener's browser a round of SDP. */
const voiceGraceMs = 60_000;

/**
 * What one participant receives: `wantVideos()` and `wantAudio()` say what is wanted, and this makes it so. The actual
 * state follows by itself, whatever else changes while a consumer is being made.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  /** By publication id. */
  readonly #subscriptions = new Map<string, Subscription>();
  /** Publication ids of what is kept for coming back, the one that left first in front. */
  readonly #kept = { audio: new Set<string>(), video: new Set<string>() };
  readonly #creating = new Set<Promise<void>>();
  /** By publication id: subscriptions that ended with a worker, of which the client hears when there are others. */
  readonly #interrupted = new Map<string, string>();
  #cap: PreferredLayers | undefined;
  /** Whether the first view is complete: until then everything is made flowing and goes into the join's answer. */
  #complete = false;
  /** Whether the join has been answered. */
  #opened = false;
  #closed = false;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  get all(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  find(publicationId: string): Subscription | undefined {
    return this.#subscriptions.get(publicationId);
  }

  /** By what a publication is received; undefined where it is not, or not yet. */
  consumerOf(publicationId: string): MediaConsumer | undefined {
    return this.find(publicationId)?.consumer;
  }

  /** Whether the client may be told of a publication's state: it must know of the subscription before. */
  mayTell({ told, refused }: Subscription): boolean {
    return this.#opened && (told || refused);
  }

  /** Exactly these videos are wanted; those that leave are hidden, and close when they do not come back. */
  wantVideos(videos: readonly Required<Want>[]): void {
    this.#want('video', videos);
  }

  /**
   * Exactly this audio is wanted; what leaves is held back where it may return, and closes when it does not come back.
   */
  wantAudio(audio: readonly Publication[], mayReturn: (publicationId: string) => boolean): void {
    const wants = audio.map((publication) => ({ publication }));
    this.#want('audio', wants, mayReturn);
  }

  /** It is not published any more. */
  unpublished(publicationId: string): void {
    this.#tellRemoved(this.#drop(publicationId));
  }

  /**
   * The worker of its publisher has gone. The client keeps the last picture: it is told that this subscription has ended
   * together with the one that takes its place.
   */
  interrupted(publicationId: string): void {
    const former = this.find(publicationId);
    if (!former) return;
    const { publication, wanted } = former;
    const wasKept = this.#kept[publication.kind].has(publicationId);
    const ended = this.#drop(publicationId);
    const [subscriptionId] = ended;
    if (wasKept || this.#closed) {
      this.#tellRemoved(ended);
      return;
    }
    if (subscriptionId !== undefined) this.#interrupted.set(publicationId, subscriptionId);
    this.#begin([{ publication, ...(wanted && { wanted }) }]);
  }

  /** It is sent again. */
  restored(publicationId: string): void {
    const subscription = this.find(publicationId);
    if (!subscription || subscription.consumer) return;
    // As with any other that comes after the join: the client has yet to build its side.
    if (subscription.publication.kind === 'video') subscription.setHeld('waiting', true);
    this.#make([subscription]);
  }

  /** No video gets higher layers than these from now on, whatever is wanted; undefined: what is wanted. */
  setCap(cap: PreferredLayers | undefined): void {
    this.#cap = cap;
    for (const subscription of this.#subscriptions.values()) subscription.setCap(cap);
  }

  /** Holds a publication back, or lets it go, for as long as it is wanted. */
  setHeld(publicationId: string, reason: Extract<HoldReason, 'bandwidth'>, held: boolean): void {
    this.find(publicationId)?.setHeld(reason, held);
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
    const infos = [...this.#subscriptions.values()].flatMap((subscription) => subscription.tell() ?? []);
    this.#options.listener.announced();
    return infos;
  }

  /** All of which the client has heard, as they are now. */
  get told(): SubscriptionInfo[] {
    return [...this.#subscriptions.values()].flatMap((each) => (each.told ? (each.info ?? []) : []));
  }

  /** Publications that this participant wants and cannot decode. */
  get refused(): string[] {
    return [...this.#subscriptions.values()].flatMap(({ refused, publicationId }) => (refused ? publicationId : []));
  }

  /** Lets packets flow to consumers that the client has built. Unknown ids are passed over: they may be just gone. */
  async start(subscriptionIds: readonly string[]): Promise<void> {
    const ids = new Set(subscriptionIds);
    const named = [...this.#subscriptions.values()].filter(({ consumer }) => consumer && ids.has(consumer.consumerId));
    await Promise.all(named.map((subscription) => subscription.start()));
  }

  close(): void {
    this.#closed = true;
    for (const publicationId of [...this.#subscriptions.keys()]) this.#drop(publicationId);
  }

  #want(kind: Kind, wants: readonly Want[], mayReturn: (publicationId: string) => boolean = () => true): void {
    if (this.#closed) return;
    const wanted = new Set(wants.map(({ publication }) => publication.publicationId));
    const leaving = [...this.#subscriptions.values()].filter(
      (each) => each.publication.kind === kind && !wanted.has(each.publicationId),
    );
    this.#leave(kind, leaving, mayReturn);
    const fresh: Want[] = [];
    for (const want of wants) {
      const { publicationId } = want.publication;
      const subscription = this.find(publicationId);
      if (!subscription) fresh.push(want);
      else {
        this.#kept[kind].delete(publicationId);
        subscription.want(want.wanted);
        subscription.show();
      }
    }
    const fitting = this.#fit(fresh);
    if (fitting.length > 0) this.#begin(fitting);
  }

  /** As many as there is room for; what is only kept for coming back makes room. The rest may come with the next change. */
  #fit(fresh: readonly Want[]): readonly Want[] {
    const { maxSubscriptions } = this.#options;
    const tooMany = Math.max(0, this.#subscriptions.size + fresh.length - maxSubscriptions);
    const going = [...this.#kept.video, ...this.#kept.audio].slice(0, tooMany);
    this.#tellRemoved(going.flatMap((publicationId) => this.#drop(publicationId)));
    return fresh.slice(0, Math.max(0, maxSubscriptions - this.#subscriptions.size));
  }

  #leave(kind: Kind, leaving: readonly Subscription[], mayReturn: (publicationId: string) => boolean): void {
    const { hiddenGraceMs, keptVoices } = this.#options;
    const kept = this.#kept[kind];
    const [graceMs, most] = kind === 'audio' ? [voiceGraceMs, keptVoices] : [hiddenGraceMs, mostHidden];
    const removed = leaving.flatMap((subscription) => {
      const { publicationId } = subscription;
      const keeps = mayReturn(publicationId) && subscription.hide(graceMs, () => this.unpublished(publicationId));
      if (!keeps) return this.#drop(publicationId);
      kept.add(publicationId);
      return [];
    });
    const tooMany = [...kept].slice(0, Math.max(0, kept.size - most));
    this.#tellRemoved([...removed, ...tooMany.flatMap((publicationId) => this.#drop(publicationId))]);
  }

  #begin(wants: readonly Want[]): void {
    const subscriptions = wants.map(({ publication, wanted }) => {
      // Audio may flow before the client is ready for it: it has no key frames to miss.
      const holds: HoldReason[] = this.#complete && publication.kind === 'video' ? ['waiting'] : [];
      const what = { publication, wanted, holds };
      const subscription = new Subscription(what, this.#options, this.#options.listener);
      subscription.setCap(this.#cap);
      this.#subscriptions.set(publication.publicationId, subscription);
      return subscription;
    });
    this.#make(subscriptions);
  }

  /** All that one change of the view or the room brings is told in one message. */
  #make(subscriptions: readonly Subscription[]): void {
    const making: Promise<void> = Promise.all(subscriptions.map((each) => each.make(() => this.#make([each])))).then(
      () => {
        this.#creating.delete(making);
        if (this.#opened) this.#announce(subscriptions);
      },
    );
    this.#creating.add(making);
  }

  #announce(subscriptions: readonly Subscription[]): void {
    this.#announceAdded(subscriptions);
    const settled = subscriptions.filter(({ consumer, refused }) => consumer || refused);
    this.#tellRemoved(settled.flatMap(({ publicationId }) => this.#takeInterrupted(publicationId)));
  }

  #announceAdded(subscriptions: readonly Subscription[]): void {
    const added = subscriptions.flatMap((subscription) => {
      const info = subscription.tell();
      return info ? [{ info, publication: subscription.publication }] : [];
    });
    if (added.length === 0) return;
    this.#options.listener.added(added);
    this.#options.listener.announced();
  }

  /** @returns the id of the subscription that the client has to forget, if any */
  #drop(publicationId: string): string[] {
    const subscription = this.find(publicationId);
    if (!subscription) return [];
    const { consumer, told } = subscription;
    const interrupted = this.#takeInterrupted(publicationId);
    this.#subscriptions.delete(publicationId);
    this.#kept[subscription.publication.kind].delete(publicationId);
    subscription.close();
    this.#options.listener.forgotten(publicationId);
    // Made, but its news still waits for others that are being made: the client has never heard of it.
    return consumer && told ? [...interrupted, consumer.consumerId] : interrupted;
  }

  #takeInterrupted(publicationId: string): string[] {
    const subscriptionId = this.#interrupted.get(publicationId);
    this.#interrupted.delete(publicationId);
    return subscriptionId === undefined ? [] : [subscriptionId];
  }

  #tellRemoved(subscriptionIds: string[]): void {
    if (subscriptionIds.length > 0) this.#options.listener.removed(subscriptionIds);
  }
}
