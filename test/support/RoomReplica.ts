import { applyQuality } from '../../src/client/conditions.ts';
import { Hub } from '../../src/client/Hub.ts';
import { LocalParticipant } from '../../src/client/LocalParticipant.ts';
import { Playback } from '../../src/client/Playback.ts';
import type { RemoteParticipant } from '../../src/client/RemoteParticipant.ts';
import type { RemotePublication } from '../../src/client/RemotePublication.ts';
import { Roster } from '../../src/client/Roster.ts';
import type {
  Notice,
  ParticipantInfo,
  PublicationInfo,
  Result,
  RoomSnapshot,
  VideoCodec,
} from '../../src/protocol/index.ts';

/** Nobody looks. */
const elements = { attached: () => undefined, detached: () => undefined };

/** The room as a client knows it: the SDK's own roster, fed with the answer to the join and the notices after it. */
export class RoomReplica {
  readonly #hub = new Hub();
  readonly #roster: Roster;
  readonly #problems: string[];
  #local: LocalParticipant | undefined;
  #videoCodecs: VideoCodec[];
  /** How the room is set up, and whom it shows first. */
  terms: Pick<RoomSnapshot, 'settings' | 'spotlight'>;
  #revision: number;

  constructor({ room, participantId, subscriptions, introduced }: Result<'join'>, problems: string[]) {
    this.#problems = problems;
    this.#revision = room.revision;
    this.#videoCodecs = room.videoCodecs;
    const { settings, spotlight } = room;
    this.terms = { settings, spotlight };
    this.#roster = new Roster(this.#hub, new Playback(this.#hub), elements, (info) => this.#self(info));
    this.#hub.on('participantLeft', ({ publications }) => {
      if (publications.size > 0) problems.push('somebody left without what was published');
    });
    this.#roster.reset(structuredClone(room), participantId, introduced && structuredClone(introduced));
    for (const { subscriptionId, publicationId } of subscriptions) this.#subscribed(subscriptionId, publicationId);
  }

  get partial(): boolean {
    return this.#roster.partial;
  }

  get count(): number {
    return this.#roster.count;
  }

  get speakers(): Notice<'speakers'>['speakers'] {
    return [...this.#roster.speakers];
  }

  get videoCodecs(): VideoCodec[] {
    return this.#videoCodecs;
  }

  /** Oneself and those of the others who are known. */
  get participants(): Map<string, ParticipantInfo> {
    const known = [...this.#roster.participants.values(), ...(this.#local ? [this.#local] : [])];
    return new Map(known.map((participant) => [participant.participantId, infoOf(participant)]));
  }

  /** What others publish, as far as it is known. */
  get publications(): Map<string, PublicationInfo> {
    return new Map([...this.#roster.publications].map((each) => [each.publicationId, publicationInfo(each)]));
  }

  apply(delta: Notice<'roomChanged'>): void {
    if (delta.revision !== this.#revision + 1) {
      this.#problems.push(`revision ${delta.revision} came after ${this.#revision}`);
    }
    this.#revision = delta.revision;
    this.#checkOrderDoesNotMatter(delta);
    this.#roster.apply(delta);
    this.#videoCodecs = delta.videoCodecs ?? this.#videoCodecs;
    const { settings, spotlight } = { ...this.terms, ...delta };
    this.terms = { settings, spotlight };
  }

  applyQuality({ connections }: Notice<'quality'>): void {
    applyQuality(connections, { roster: this.#roster, local: this.#local, hub: this.#hub });
  }

  applySpeakers({ speakers }: Notice<'speakers'>): void {
    this.#roster.setSpeakers(speakers);
  }

  applyKnown(notice: Notice<'knownChanged'>): void {
    this.#roster.applyKnown(notice);
  }

  introduce(subscriptions: Notice<'subscriptionsAdded'>['subscriptions']): void {
    for (const { subscriptionId, participant, publication } of subscriptions) {
      this.#roster.introduce(participant, publication);
      this.#subscribed(subscriptionId, publication.publicationId);
    }
  }

  /** After the media were rebuilt. */
  resubscribed({ introduced, subscriptions }: Notice<'mediaReset'>, former: readonly string[]): void {
    for (const publication of introduced.publications) {
      const participant = introduced.participants.find((each) => each.participantId === publication.participantId);
      if (participant) this.#roster.introduce(participant, publication);
    }
    for (const { subscriptionId, publicationId } of subscriptions) this.#subscribed(subscriptionId, publicationId);
    this.unsubscribed(former);
  }

  unsubscribed(subscriptionIds: readonly string[]): void {
    for (const subscriptionId of subscriptionIds) this.#roster.unsubscribed(subscriptionId);
  }

  #subscribed(subscriptionId: string, publicationId: string): void {
    if (!this.#roster.publication(publicationId)) this.#problems.push(`nobody introduced ${publicationId}`);
    this.#roster.subscribed(subscriptionId, publicationId);
  }

  #self(info: ParticipantInfo): void {
    if (this.#local) this.#local.update(info);
    else this.#local = new LocalParticipant(info, new Map());
  }

  /** A client may take the parts of a delta in any order, so nothing can both come and go in it. */
  #checkOrderDoesNotMatter({ participants, hidden = [], left = [], publications, unpublished }: Notice<'roomChanged'>) {
    const gone = new Set([...left, ...hidden].map(({ participantId }) => participantId));
    const withdrawn = new Set(unpublished?.map(({ publicationId }) => publicationId));
    if (gone.size < left.length + hidden.length) this.#problems.push('somebody both left and was hidden in one delta');
    if (participants?.some(({ participantId }) => gone.has(participantId))) {
      this.#problems.push('somebody comes and goes in one delta');
    }
    if (publications?.some((info) => gone.has(info.participantId) || withdrawn.has(info.publicationId))) {
      this.#problems.push('a publication comes and goes in one delta');
    }
  }
}

function infoOf(participant: RemoteParticipant | LocalParticipant): ParticipantInfo {
  const { participantId, identity, displayName, moderator, metadata, joinedAt, connection } = participant;
  const { handRaisedAt = null } = participant;
  return { participantId, identity, displayName, moderator, metadata, handRaisedAt, joinedAt, connection };
}

function publicationInfo(publication: RemotePublication): PublicationInfo {
  const { publicationId, source, kind, muted, width, height, codec, spatialLayers, metadata } = publication;
  const { participantId } = publication.participant;
  const size = width === undefined || height === undefined ? {} : { width, height };
  return { publicationId, participantId, source, kind, muted, ...size, codec, spatialLayers, metadata };
}
