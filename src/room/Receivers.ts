import { type Notice, type Params, PlenumError } from '../protocol/index.ts';
import { autoOrder, withinReach } from './autoOrder.ts';
import { Demand } from './Demand.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';
import { type ReceivingSettings, ReceivingSide, type Surroundings, type Wishes } from './ReceivingSide.ts';
import { RoomAudience } from './RoomAudience.ts';
import type { RoomMedia } from './RoomMedia.ts';
import type { RoomRoster } from './RoomRoster.ts';

export interface ReceiversOptions {
  roster: RoomRoster;
  media: RoomMedia;
  clock: Clock;
  /** The place in the order of those who are shown to everybody first, from 0. */
  spotlit: (identity: string) => number | undefined;
  settings: ReceivingSettings & {
    /** Whether publishers are told which of their encodings nobody watches. */
    dynacast: boolean;
  };
}

type Told = 'subscriptions' | 'states' | 'wantedLayers';

/** Milliseconds for which a layer must not be wanted before its publisher is told so. */
const demandHoldMs = 3000;

/**
 * What each participant of a room receives: one `ReceivingSide` each. A change of the room reaches those whose view it
 * can change, and no others.
 */
export class Receivers {
  /** Who is heard; to be told who is loud. */
  readonly audience: RoomAudience;
  readonly #options: ReceiversOptions;
  readonly #demand: Demand | undefined;
  readonly #surroundings: Surroundings;
  readonly #sides = new Map<string, ReceivingSide>();
  /** By publication id: whose view names it, whether or not there is such a publication. */
  readonly #naming = new Map<string, Set<ReceivingSide>>();
  readonly #automatic = new Set<ReceivingSide>();
  #autoOrder: Publication[] = [];

  constructor(options: ReceiversOptions) {
    this.#options = options;
    const { roster, media, clock, settings } = options;
    const audience = new RoomAudience({
      clock,
      speakers: settings.audioSpeakers,
      recent: settings.autoViewVideos,
      listener: {
        changed: () => this.#updateAudio(),
        recentChanged: () => this.#videosChanged([]),
      },
    });
    this.audience = audience;
    if (settings.dynacast) {
      const tell = (publicationId: string, layer: number) => this.#tellWantedLayers(publicationId, layer);
      this.#demand = new Demand({ clock, holdMs: demandHoldMs, tell });
    }
    this.#surroundings = {
      media,
      find: (publicationId) => roster.publications.get(publicationId),
      heardBy: (participantId, ear) => audience.heardBy(participantId, ear),
      mayReturn: (publicationId) => audience.mayReturn(publicationId),
      visitsOf: (identity) => roster.allWithIdentity(identity),
      autoOrder: () => this.#autoOrder,
      describe: (publication) => roster.describe(publication),
      askForKeyFrame: (publicationId) => this.#askForKeyFrame(publicationId),
      demanded: (publicationId, before, now) => this.#demand?.changed(publicationId, before, now),
    };
  }

  /** Begins to receive for a participant; nothing is made before its first `update()`. */
  add(participant: Participant, wishes: Wishes): void {
    const { clock, settings } = this.#options;
    const side = new ReceivingSide(participant, wishes, this.#surroundings, settings, clock);
    this.#sides.set(participant.participantId, side);
    this.#enlist(side);
  }

  /** Begins anew with the same wishes, over the transports that the participant has now. */
  renew(participant: Participant): void {
    const former = this.#sides.get(participant.participantId);
    if (!former) return;
    this.#strike(former);
    former.discard();
    this.add(participant, former.wishes);
  }

  /** Makes what a participant wants to receive. */
  update({ participantId }: Participant): void {
    this.#sides.get(participantId)?.update();
  }

  remove({ participantId }: Participant): void {
    const side = this.#sides.get(participantId);
    if (!side) return;
    side.close();
    this.#sides.delete(participantId);
    this.#strike(side);
  }

  /** Something is published. */
  published(publication: Publication): void {
    this.#updateAudience();
    if (publication.kind !== 'video') return;
    const { publicationId, producer } = publication;
    this.#demand?.published(publicationId, producer.spatialLayers);
    this.#videosChanged([publicationId]);
  }

  /** Something is no longer published; the roster does not have it any more. */
  unpublished(publications: readonly Publication[]): void {
    if (publications.length > 0) this.#updateAudience();
    for (const { publicationId } of publications) {
      this.#demand?.unpublished(publicationId);
      for (const side of this.#sides.values()) side.unpublished(publicationId);
    }
    if (publications.some(({ kind }) => kind === 'video')) this.#videosChanged([]);
  }

  /** Their worker has gone; they come back, or are unpublished. */
  interrupted(publications: readonly Publication[]): void {
    for (const { publicationId } of publications) {
      for (const side of this.#sides.values()) side.interrupted(publicationId);
    }
  }

  /** It is sent again. */
  restored({ publicationId }: Publication): void {
    for (const side of this.#sides.values()) side.restored(publicationId);
  }

  /** Muted or unmuted, or described in another way. */
  changed({ kind }: Publication): void {
    if (kind === 'audio') this.#updateAudience();
  }

  /** The captured size of a video is another one. */
  resized({ publicationId }: Publication): void {
    this.#videosChanged([publicationId]);
  }

  /** Others are shown to everybody first. */
  reordered(): void {
    this.#videosChanged([]);
  }

  /** The room ends. */
  close(): void {
    this.#demand?.close();
  }

  /** @returns the version of the view that holds now */
  setView({ participantId }: Participant, params: Params<'setView'>): number {
    const side = this.#sides.get(participantId);
    if (!side) throw new PlenumError('closed', 'the participant has left');
    this.#strike(side);
    try {
      return side.setView(params);
    } finally {
      this.#enlist(side);
    }
  }

  /** For a client that has lost touch: what it receives, and what it was told of its own videos. */
  receivedBy({ participantId, publications }: Participant): Pick<Notice<'snapshot'>, Told> {
    const { subscriptions = [], states = [] } = this.#sides.get(participantId)?.told ?? {};
    const videos = publications.filter(({ kind }) => kind === 'video');
    const wantedLayers = videos.flatMap(({ publicationId }) => {
      const maxSpatialLayer = this.#demand?.toldOf(publicationId);
      return maxSpatialLayer === undefined ? [] : [{ publicationId, maxSpatialLayer }];
    });
    return { subscriptions, states, wantedLayers };
  }

  #enlist(side: ReceivingSide): void {
    if (side.view === 'auto') {
      this.#automatic.add(side);
      return;
    }
    for (const { publicationId } of side.view.videos) {
      const naming = this.#naming.get(publicationId);
      if (naming) naming.add(side);
      else this.#naming.set(publicationId, new Set([side]));
    }
  }

  #strike(side: ReceivingSide): void {
    this.#automatic.delete(side);
    if (side.view === 'auto') return;
    for (const { publicationId } of side.view.videos) {
      const naming = this.#naming.get(publicationId);
      naming?.delete(side);
      if (naming?.size === 0) this.#naming.delete(publicationId);
    }
  }

  #updateAudience(): void {
    this.audience.offer(this.#options.roster.publications.values());
  }

  #updateAudio(): void {
    for (const side of this.#sides.values()) side.updateAudio();
  }

  /** @param publicationIds of videos that are new or have another size */
  #videosChanged(publicationIds: readonly string[]): void {
    const concerned = new Set(this.#autoChanged(publicationIds) ? this.#automatic : []);
    for (const publicationId of publicationIds) {
      for (const side of this.#naming.get(publicationId) ?? []) concerned.add(side);
    }
    for (const side of concerned) side.update();
  }

  /** Whether the view `auto` of anybody may have changed. */
  #autoChanged(publicationIds: readonly string[]): boolean {
    const { roster, settings, spotlit } = this.#options;
    const order = autoOrder(roster.publications.values(), {
      spotlit: (participantId) => spotlit(roster.participant(participantId)?.identity ?? ''),
      spoke: (participantId) => this.audience.recent.get(participantId),
      joined: (participantId) => roster.participant(participantId)?.visit ?? 0,
    });
    const before = this.#autoOrder;
    this.#autoOrder = withinReach(order, settings.autoViewVideos);
    return (
      before.length !== this.#autoOrder.length ||
      this.#autoOrder.some((each, index) => each !== before[index] || publicationIds.includes(each.publicationId))
    );
  }

  #tellWantedLayers(publicationId: string, maxSpatialLayer: number): void {
    const { roster } = this.#options;
    const publication = roster.publications.get(publicationId);
    const publisher = publication && roster.participant(publication.participantId);
    publisher?.link.notify('wantedLayers', { publications: [{ publicationId, maxSpatialLayer }] });
  }

  #askForKeyFrame(publicationId: string): boolean {
    const { roster, clock } = this.#options;
    const publication = roster.publications.get(publicationId);
    if (!publication || publication.muted || !publication.mayAskForKeyFrame(clock.now())) return false;
    roster.participant(publication.participantId)?.link.notify('keyFrameWanted', { publicationId });
    return true;
  }
}
