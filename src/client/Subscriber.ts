import type { types } from 'mediasoup-client';
import type { Notice, SubscriptionInfo } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { toPlenumError } from './errors.ts';
import type { Hub } from './Hub.ts';
import { type ConsumeItem, isOwnFault, type MediaLink, streamIdOf } from './MediaLink.ts';
import type { Roster } from './Roster.ts';
import type { Session } from './Session.ts';
import { videoCounters } from './videoCounters.ts';

/**
 * How long the last picture of what was received before the media were rebuilt is kept, in milliseconds: for so long its
 * publisher may take to come back.
 */
const keptMs = 12_000;

/** As many as `startSubscriptions` takes in one message. */
const startLimit = 500;

interface Entry {
  readonly info: SubscriptionInfo;
  consumer: types.Consumer | undefined;
  removed: boolean;
}

/** Builds what the server wants this participant to receive, and puts the tracks into the roster's publications. */
export class Subscriber {
  readonly #session: Session;
  readonly #roster: Roster;
  readonly #hub: Hub;
  readonly #entries = new Map<string, Entry>();
  readonly #refused: Set<string>;
  #keptTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `refused` holds the publications that this browser refused in this or former visits. */
  constructor(session: Session, roster: Roster, hub: Hub, refused: Set<string>) {
    this.#refused = refused;
    this.#session = session;
    this.#roster = roster;
    this.#hub = hub;
    session.whenReceived((report) => this.#received(report));
  }

  /**
   * What `join` answered: built at once. Publications that are no longer subscribed after a reconnect lose their track.
   * @param later what costs the browser SDP rounds of its own, to be done when the first picture does not wait for it
   */
  start(subscriptions: readonly SubscriptionInfo[], later: () => Promise<void>): void {
    for (const { subscriptionId, publicationId } of subscriptions)
      this.#roster.subscribed(subscriptionId, publicationId);
    this.#holdPictures();
    this.#build(subscriptions)
      .then(() => (subscriptions.length > 0 ? this.#session.link?.receiving() : undefined))
      .then(later)
      .catch((error: unknown) => this.#report(error));
    const wanted = new Set(subscriptions.map((info) => info.publicationId));
    for (const publication of this.#roster.publications) {
      if (publication.track && !wanted.has(publication.publicationId)) {
        publication.setReception(undefined);
        this.#hub.emit('subscriptionRemoved', publication);
      }
    }
  }

  /**
   * The media were moved: what was received has ended, and this comes in its place. What is still to come keeps its last
   * picture for a while. Resolves when all is built.
   */
  async rebuild(subscriptions: readonly SubscriptionInfo[]): Promise<void> {
    const former = [...this.#entries.keys()];
    this.#holdPictures();
    for (const { subscriptionId, publicationId } of subscriptions)
      this.#roster.subscribed(subscriptionId, publicationId);
    clearTimeout(this.#keptTimer);
    this.#keptTimer = setTimeout(() => this.removed(former), keptMs);
    await this.#build(subscriptions).catch((error: unknown) => this.#report(error));
  }

  #holdPictures(): void {
    for (const publication of this.#roster.publications) publication.holdPicture();
  }

  added(notice: Notice<'subscriptionsAdded'>): void {
    for (const { subscriptionId, participant, publication } of notice.subscriptions) {
      this.#roster.introduce(participant, publication);
      this.#roster.subscribed(subscriptionId, publication.publicationId);
    }
    this.add(notice.subscriptions);
  }

  /** Exactly this is received, after some news was missed. What was received before goes on untouched. */
  reconcile(subscriptions: readonly SubscriptionInfo[]): void {
    const ids = new Set(subscriptions.map(({ subscriptionId }) => subscriptionId));
    this.removed([...this.#entries.keys()].filter((subscriptionId) => !ids.has(subscriptionId)));
    for (const { subscriptionId, publicationId } of subscriptions)
      this.#roster.subscribed(subscriptionId, publicationId);
    this.add(subscriptions);
  }

  add(subscriptions: readonly SubscriptionInfo[]): void {
    this.#build(subscriptions).catch((error: unknown) => this.#report(error));
  }

  async #build(subscriptions: readonly SubscriptionInfo[]): Promise<void> {
    const link = this.#session.link;
    if (!link || this.#closed) return;
    const entries = subscriptions
      .filter((info) => !this.#entries.has(info.subscriptionId) && !this.#refused.has(info.publicationId))
      .map((info): Entry => ({ info, consumer: undefined, removed: false }));
    if (entries.length === 0) return;
    for (const entry of entries) this.#entries.set(entry.info.subscriptionId, entry);
    const items = entries.map(({ info }) => {
      const source = this.#roster.publication(info.publicationId)?.source ?? 'camera';
      return { info, streamId: streamIdOf(info.participantId, source) };
    });
    const results = await link.consume(items);
    if (link !== this.#session.link) {
      // The media were moved meanwhile: these have ended with all others.
      for (const { info } of entries) this.#entries.delete(info.subscriptionId);
      return;
    }
    if (results.some((result) => result.status === 'rejected' && !isOwnFault(result.reason))) {
      await this.#recover(link, items);
      return;
    }
    const waiting: string[] = [];
    for (const [index, entry] of entries.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled') {
        if (this.#take(entry, result.value) && entry.info.waiting) waiting.push(entry.info.subscriptionId);
      } else if (result && !this.#closed && !entry.removed) {
        this.#endFormer(entry);
        this.#entries.delete(entry.info.subscriptionId);
        this.#report(result.reason);
      }
    }
    for (let from = 0; from < waiting.length && !this.#closed; from += startLimit) {
      const subscriptionIds = waiting.slice(from, from + startLimit);
      await this.#session.request('startSubscriptions', { subscriptionIds });
    }
  }

  /**
   * mediasoup-client cannot take a refused item out of its session description again, so that nothing more could be
   * received over this transport: a new visit begins, without what the browser refuses.
   */
  async #recover(link: MediaLink, items: readonly ConsumeItem[]): Promise<void> {
    if (this.#closed || !this.#session.alive) return;
    const refused = await link.findRefused(items);
    if (link !== this.#session.link) return;
    for (const { publicationId } of refused) this.#refused.add(publicationId);
    this.#session.abandon(
      new PlenumError('unsupported', 'The browser refused a publication; joining again without it.'),
    );
  }

  /** Returns false where the subscription has ended while its consumer was being built. */
  #take(entry: Entry, consumer: types.Consumer): boolean {
    if (entry.removed || this.#closed) {
      consumer.close();
      return false;
    }
    entry.consumer = consumer;
    const publication = this.#roster.publication(entry.info.publicationId);
    // It may be gone from the room before the server has ended the subscription; the notice follows.
    if (!publication) return false;
    const had = publication.track !== undefined;
    publication.setReception(consumer);
    this.#endFormer(entry);
    this.#hub.emit(had ? 'subscriptionChanged' : 'subscriptionAdded', publication);
    return true;
  }

  removed(subscriptionIds: readonly string[]): void {
    for (const subscriptionId of subscriptionIds) {
      const entry = this.#entries.get(subscriptionId);
      // What takes its place is being built: until then its last picture stays.
      if (entry && this.#successors(entry).length > 0) continue;
      if (entry) {
        this.#endFormer(entry);
        this.#end(entry);
      }
      // Also of what this browser refused: the room may know it by the subscription only.
      this.#roster.unsubscribed(subscriptionId);
    }
  }

  /** Others of the same publication that came later. */
  #successors(entry: Entry): Entry[] {
    const all = [...this.#entries.values()];
    return all.slice(all.indexOf(entry) + 1).filter(({ info }) => info.publicationId === entry.info.publicationId);
  }

  /** There is a new consumer in the place of those that were there before. */
  #endFormer(entry: Entry): void {
    for (const former of [...this.#entries.values()]) {
      if (former === entry) return;
      if (former.info.publicationId !== entry.info.publicationId) continue;
      this.#end(former);
      this.#roster.unsubscribed(former.info.subscriptionId);
    }
  }

  #end(entry: Entry): void {
    entry.removed = true;
    this.#entries.delete(entry.info.subscriptionId);
    const publication = this.#roster.publication(entry.info.publicationId);
    if (publication && entry.consumer && publication.reception === entry.consumer) {
      publication.setReception(undefined);
      this.#hub.emit('subscriptionRemoved', publication);
    }
    entry.consumer?.close();
  }

  /** Which videos move, and which lose packets. @returns whether anything should flow */
  #received(report: RTCStatsReport): boolean {
    if (this.#closed) return false;
    const counters = videoCounters(report);
    const now = performance.now();
    let expected = false;
    for (const publication of this.#roster.publications) {
      expected ||= publication.status === 'active';
      const changed = publication.look(counters.get(publication.track?.id ?? ''), now);
      if (changed) this.#hub.emit('subscriptionChanged', publication);
    }
    return expected;
  }

  #report(error: unknown): void {
    if (this.#closed || !this.#session.alive) return;
    this.#hub.emit('error', toPlenumError(error));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#keptTimer);
    this.#entries.clear();
  }
}
