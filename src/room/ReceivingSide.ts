import type { Params, ParticipantInfo, PublicationInfo, SubscriptionInfo, View } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { Bandwidth } from './Bandwidth.ts';
import { type Claim, lowestBitrate } from './bandwidthPolicy.ts';
import { FirstPictures } from './FirstPictures.ts';
import { type Wanted, wantedOfAuto, wantedOfEntries } from './layers.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock, MediaTransport } from './ports.ts';
import type { Ear } from './RoomAudience.ts';
import type { RoomMedia } from './RoomMedia.ts';
import { SubscriptionNews } from './SubscriptionNews.ts';
import { Subscriptions, type SubscriptionsOptions } from './Subscriptions.ts';
import { type SubscriptionStateReport, statusOf } from './subscriptionStatus.ts';

/** What a participant gets to know of the room it receives from. */
export interface Surroundings {
  readonly media: Pick<RoomMedia, 'canConsume' | 'consume'>;
  find(publicationId: string): Publication | undefined;
  /** The audio that a participant is to receive. */
  heardBy(participantId: string, ear: Ear): readonly Publication[];
  /** Whether somebody who is heard no more is likely to be heard again soon. */
  mayReturn(publicationId: string): boolean;
  /** The participant of that identity. */
  visitsOf(identity: string): readonly Participant[];
  /** All videos in the order in which the view `auto` takes them. */
  autoOrder(): readonly Publication[];
  /** What a client needs to know of a publication; undefined when its participant is gone. */
  describe(publication: Publication): { publication: PublicationInfo; participant: ParticipantInfo } | undefined;
  /** Asks the publisher for a key frame; false where it was asked a moment ago. */
  askForKeyFrame(publicationId: string): boolean;
  /** The spatial layer for which somebody has use is another one; undefined: none. */
  demanded(publicationId: string, before: number | undefined, now: number | undefined): void;
}

/** What one participant asks for. */
export interface Wishes extends Pick<Params<'setView'>, 'view' | 'pinned'> {
  /** Of the view; 0 or absent: as it was wished with the join. */
  version?: number;
}

export interface ReceivingSettings extends Pick<SubscriptionsOptions, 'hiddenGraceMs' | 'maxSubscriptions'> {
  /** How many videos the view `auto` holds at most. */
  autoViewVideos: number;
  /** How many voices are heard at most; 0: all. */
  audioSpeakers: number;
}

/** What one participant wants to receive, turned into subscriptions, and the news of them for its client. */
export class ReceivingSide {
  readonly #participant: Participant;
  readonly #surroundings: Surroundings;
  readonly #settings: ReceivingSettings;
  readonly #subscriptions: Subscriptions;
  readonly #pictures: FirstPictures;
  readonly #news: SubscriptionNews;
  readonly #bandwidth: Bandwidth;
  #view: View;
  /** Identities of those whose audio is always wanted. */
  #pinned: string[];
  #viewVersion: number;
  /** Those whose screen is in the view. */
  #watched: ReadonlySet<string> = new Set();
  /** What the view holds of what there is. */
  #videos: { publication: Publication; wanted: Wanted }[] = [];
  /** Whether bandwidth has ever been short: then something may be held back that is hidden now. */
  #scarce = false;

  constructor(
    participant: Participant,
    { view, pinned = [], version = 0 }: Wishes,
    surroundings: Surroundings,
    settings: ReceivingSettings,
    clock: Clock,
  ) {
    this.#participant = participant;
    this.#view = view;
    this.#pinned = [...pinned];
    this.#viewVersion = version;
    this.#surroundings = surroundings;
    this.#settings = settings;
    this.#news = new SubscriptionNews({
      clock,
      report: (publicationId) => this.#report(publicationId),
      tell: (states) => participant.link.notify('subscriptionState', { states }),
    });
    this.#subscriptions = this.#makeSubscriptions(clock);
    this.#pictures = new FirstPictures({
      clock,
      find: (publicationId) => {
        const subscription = this.#subscriptions.find(publicationId);
        return subscription?.flows ? subscription.consumer : undefined;
      },
      ask: (publicationId) => surroundings.askForKeyFrame(publicationId),
      gaveUp: (publicationId) => this.#news.changed(publicationId),
    });
    this.#bandwidth = new Bandwidth({
      clock,
      load: () => ({ claims: this.#claims(), audio: this.#heard().filter(({ muted }) => !muted).length }),
      changed: () => {
        const { allowance, cap } = this.#bandwidth;
        participant.log.debug({ allowance, cap }, 'bandwidth');
        this.#holdBack();
        this.updateAudio();
      },
      limitEstimate: (bitsPerSecond) => this.#bound((transport) => transport.limitEstimate(bitsPerSecond)),
      floorEstimate: (bitsPerSecond) => this.#bound((transport) => transport.floorEstimate(bitsPerSecond)),
    });
    participant.recvTransport.on('estimate', (estimate) => this.#bandwidth.measured(estimate));
    participant.recvTransport.on('congested', () => this.#bandwidth.congested());
    participant.recvTransport.on('audioLost', (ratio) => this.#bandwidth.audioLost(ratio));
    participant.subscriptions = this.#subscriptions;
  }

  get view(): View {
    return this.#view;
  }

  /** What holds now. */
  get wishes(): Wishes {
    return { view: this.#view, pinned: this.#pinned, version: this.#viewVersion };
  }

  /**
   * Takes over a newer view; the same again changes nothing.
   * @returns the version that holds now
   * @throws `conflict` for a version that was overtaken, or that was used for another view
   */
  setView({ version, view, pinned = [] }: Params<'setView'>): number {
    if (version < this.#viewVersion) {
      throw new PlenumError('conflict', `version ${this.#viewVersion} of the view holds; ${version} is older`);
    }
    const same = JSON.stringify({ view, pinned }) === JSON.stringify({ view: this.#view, pinned: this.#pinned });
    if (version === this.#viewVersion && !same) {
      throw new PlenumError('conflict', `version ${version} of the view was used before with other content`);
    }
    this.#viewVersion = version;
    this.#view = view;
    this.#pinned = pinned;
    if (!same) this.update();
    return version;
  }

  /** Compares what is wanted with what there is; to be called after every change of either. */
  update(): void {
    this.#videos = this.#wanted().flatMap((wanted) => {
      const publication = this.#surroundings.find(wanted.publicationId);
      return publication ? [{ publication, wanted }] : [];
    });
    const screens = this.#videos.filter(({ publication }) => publication.source === 'screen');
    this.#watched = new Set(screens.map(({ publication }) => publication.participantId));
    this.#bandwidth.update();
    this.updateAudio();
    // Before, so that what comes back does not flow for a moment; and after, for what has just come to be wanted.
    this.#holdBack();
    this.#subscriptions.wantVideos(this.#videos);
    this.#holdBack();
  }

  /** The same where no video can have changed. */
  updateAudio(): void {
    this.#subscriptions.wantAudio(this.#heard(this.#bandwidth.allowance.audio), this.#surroundings.mayReturn);
  }

  /** All that the client knows of, as it is now. */
  get told(): { subscriptions: SubscriptionInfo[]; states: SubscriptionStateReport[] } {
    const { told, refused } = this.#subscriptions;
    const states = [...told.map(({ publicationId }) => publicationId), ...refused];
    return { subscriptions: told, states: states.flatMap((publicationId) => this.#report(publicationId) ?? []) };
  }

  unpublished(publicationId: string): void {
    this.#subscriptions.unpublished(publicationId);
  }

  /** The worker of its publisher has gone. */
  interrupted(publicationId: string): void {
    this.#subscriptions.interrupted(publicationId);
    this.#holdBack();
  }

  restored(publicationId: string): void {
    this.#subscriptions.restored(publicationId);
  }

  /** Another side takes its place; what a participant leaves behind, it closes itself. */
  discard(): void {
    this.close();
    this.#subscriptions.close();
  }

  close(): void {
    this.#bandwidth.close();
    this.#pictures.close();
    this.#news.close();
  }

  #makeSubscriptions(clock: Clock): Subscriptions {
    const participant = this.#participant;
    const { capabilities, recvTransport, link, log } = participant;
    const { media } = this.#surroundings;
    return new Subscriptions({
      canConsume: (publication) => media.canConsume(publication, capabilities),
      consume: (publication, options) => media.consume(publication, participant, { capabilities, ...options }),
      whenConnected: (listener) => recvTransport.whenConnected(listener),
      clock,
      ...this.#settings,
      keptVoices: 4 * this.#settings.audioSpeakers,
      listener: {
        added: (subscriptions) => {
          const told = subscriptions.flatMap(({ info, publication }) => {
            const about = this.#surroundings.describe(publication);
            return about ? [{ ...info, ...about }] : [];
          });
          if (told.length > 0) link.notify('subscriptionsAdded', { subscriptions: told });
        },
        announced: () => this.#news.announced(),
        removed: (subscriptionIds) => link.notify('subscriptionsRemoved', { subscriptionIds }),
        forgotten: (publicationId) => this.#news.forget(publicationId),
        stateChanged: (publicationId) => this.#news.changed(publicationId),
        flowing: (publicationId) => this.#pictures.expect(publicationId),
        demanded: (publicationId, before, now) => this.#surroundings.demanded(publicationId, before, now),
      },
      log,
    });
  }

  #report(publicationId: string): SubscriptionStateReport | undefined {
    const subscription = this.#subscriptions.find(publicationId);
    if (!subscription || !this.#subscriptions.mayTell(subscription)) return undefined;
    const { consumer, publication } = subscription;
    if (!consumer) return { publicationId, status: 'cannot-decode' };
    const starting = this.#pictures.expects(publicationId);
    return { publicationId, ...statusOf(publication, consumer, (reason) => subscription.isHeld(reason), starting) };
  }

  /** The most important first: by priority, then in the order of the view. */
  #claims(): Claim[] {
    return this.#videos
      .filter(({ publication }) => !this.#subscriptions.find(publication.publicationId)?.refused)
      .toSorted((one, other) => other.wanted.priority - one.wanted.priority)
      .map(({ publication }) => ({
        publicationId: publication.publicationId,
        bitrate: lowestBitrate(publication.info),
      }));
  }

  /** Videos that the connection cannot carry do not flow. */
  #holdBack(): void {
    const { videos } = this.#bandwidth.allowance;
    this.#scarce ||= Number.isFinite(videos);
    if (!this.#scarce) return;
    this.#subscriptions.setCap(this.#bandwidth.cap);
    for (const [index, { publicationId }] of this.#claims().entries()) {
      this.#subscriptions.setHeld(publicationId, 'bandwidth', index >= videos);
    }
  }

  #bound(set: (transport: MediaTransport) => Promise<void>): void {
    const { recvTransport, interrupted, log } = this.#participant;
    // It went with its worker; what comes in its place begins anew.
    if (interrupted) return;
    // Closed meanwhile; or it stays as it was, and the next report tells.
    set(recvTransport).catch((error: unknown) => log.debug({ err: error }, 'the estimate could not be bounded'));
  }

  /** @param limit how many voices, if fewer than the room's limit */
  #heard(limit?: number): readonly Publication[] {
    const { heardBy, visitsOf } = this.#surroundings;
    const pinned = new Set(
      this.#pinned.flatMap((identity) => visitsOf(identity).map(({ participantId }) => participantId)),
    );
    const { participantId, grants } = this.#participant;
    if (!grants.canSubscribe) return [];
    return heardBy(participantId, { pinned, watched: this.#watched, ...(limit !== undefined && { limit }) });
  }

  #wanted(): Wanted[] {
    if (!this.#participant.grants.canSubscribe) return [];
    if (this.#view === 'auto') return wantedOfAuto(this.#chosenByAuto().map(({ info }) => info));
    return wantedOfEntries(this.#view.videos, (publicationId) => {
      const publication = this.#surroundings.find(publicationId);
      return publication?.kind === 'video' && this.#isOthers(publication) ? publication.info : undefined;
    });
  }

  #chosenByAuto(): Publication[] {
    const chosen: Publication[] = [];
    for (const publication of this.#surroundings.autoOrder()) {
      if (chosen.length >= this.#settings.autoViewVideos) break;
      if (this.#isOthers(publication)) chosen.push(publication);
    }
    return chosen;
  }

  #isOthers({ participantId }: Publication): boolean {
    return participantId !== this.#participant.participantId;
  }
}
