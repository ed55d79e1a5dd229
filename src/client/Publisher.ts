import type { Grants, Notice, RoomSettings, RoomSnapshot, Source, VideoCodec } from '../protocol/index.ts';
import { mayPublish, PlenumError } from '../protocol/index.ts';
import { chooseCodec } from './encodings.ts';
import { toPlenumError } from './errors.ts';
import type { Hub } from './Hub.ts';
import { LocalPublication, type PublicationHost } from './LocalPublication.ts';
import type { PublishOptions } from './options.ts';
import type { Session } from './Session.ts';
import { kindOf } from './trackSize.ts';

/**
 * How often what the room knows is compared with what is sent, in milliseconds: a phone is turned, a shared window is
 * resized, a request got no answer.
 */
const checkMs = 2000;

/** What this participant sends: kept over reconnects, brought in line with the server after each change. */
export class Publisher {
  readonly #hub: Hub;
  readonly #publications = new Map<Source, LocalPublication>();
  readonly #host: PublicationHost;
  /** Those whose check is under way. */
  readonly #checked = new Set<LocalPublication>();
  /** What the server has said last of each publication in this visit; it may say it before it has answered `publish`. */
  readonly #maxLayers = new Map<string, number>();
  /** By publicationId, what a moderator has done to one whose `publish` has not been answered yet. */
  readonly #early = new Map<string, (publication: LocalPublication) => void>();
  #session: Session | undefined;
  #roomCodecs: readonly VideoCodec[] = ['vp8'];
  #closed = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(hub: Hub, onEnded: PublicationHost['ended']) {
    this.#hub = hub;
    this.#host = {
      session: () => this.#session,
      codec: (wanted) => chooseCodec(wanted, this.#roomCodecs, this.#session?.link?.sendVideoCodecs ?? []),
      maxLayer: (publicationId) => this.#maxLayers.get(publicationId),
      changed: (publication) => {
        if (this.#publications.get(publication.source) === publication)
          hub.emit('localPublicationChanged', publication);
      },
      published: (publication) => this.#catchUp(publication),
      ended: onEnded,
    };
  }

  get publications(): ReadonlyMap<Source, LocalPublication> {
    return this.#publications;
  }

  /** Adds a publication and sends it; resolves when the room has it, or keeps it for when the room is back. */
  async publish(
    track: MediaStreamTrack,
    options: PublishOptions,
    capture?: () => Promise<MediaStreamTrack>,
  ): Promise<LocalPublication> {
    const { source, codec = 'vp8', svc = true, muted = false, metadata = {}, keepTrack = false } = options;
    const kind = kindOf(source);
    if (track.kind !== kind) throw new PlenumError('bad-request', `A ${source} is a ${kind} track, not ${track.kind}.`);
    if (track.readyState === 'ended') throw new PlenumError('bad-request', 'The track has ended already.');
    if (this.#closed) throw new PlenumError('aborted', 'The room was left meanwhile.');
    if (this.#publications.has(source)) {
      throw new PlenumError('conflict', `There is a ${source} publication already; use its replaceTrack().`);
    }
    const publication = new LocalPublication(this.#host, {
      source,
      track,
      muted,
      metadata,
      codec,
      svc,
      keepTrack,
      capture: keepTrack ? undefined : capture,
    });
    this.#publications.set(source, publication);
    this.#hub.emit('localPublicationAdded', publication);
    this.#watch();
    try {
      await publication.refresh();
    } catch (error) {
      this.#forget(publication);
      // What went wrong first is what the caller has to know.
      await publication.close().catch(() => undefined);
      throw toPlenumError(error);
    }
    return publication;
  }

  /** What it may not send any more ends, devices included: the server has ended its part. */
  allowed(grants: Grants, settings: RoomSettings): void {
    for (const publication of [...this.#publications.values()]) {
      if (mayPublish(grants, publication.source, settings)) continue;
      this.unpublish(publication).catch((error: unknown) => this.#report(error));
    }
  }

  /** A moderator has muted it. The one who is at the other end unmutes it, if anybody. @param then see `#concern()` */
  muted(publicationId: string, then: (publication: LocalPublication | undefined) => void): void {
    this.#concern(publicationId, (publication) => {
      publication?.mute().catch((error: unknown) => this.#report(error));
      then(publication);
    });
  }

  /** A moderator has ended it; its device is released. @param then see `#concern()` */
  ended(publicationId: string, then: (publication: LocalPublication | undefined) => void): void {
    this.#concern(publicationId, (publication) => {
      if (publication) this.unpublish(publication).catch((error: unknown) => this.#report(error));
      then(publication);
    });
  }

  /**
   * Acts on a publication of this id: at once, or when the server has answered the `publish` that may have made it. After a
   * break, what has happened meanwhile is told before requests are repeated. With undefined where it has gone.
   */
  #concern(publicationId: string, act: (publication: LocalPublication | undefined) => void): void {
    const publication = this.#find(publicationId);
    const mayCome = [...this.#publications.values()].some(({ publishing }) => publishing);
    if (publication || !mayCome) act(publication);
    else this.#early.set(publicationId, act);
  }

  #catchUp(publication: LocalPublication): void {
    const { publicationId = '' } = publication;
    const act = this.#early.get(publicationId);
    this.#early.delete(publicationId);
    // One that was ended here meanwhile is being taken down already.
    if (this.#publications.get(publication.source) === publication) act?.(publication);
  }

  async unpublish(publication: LocalPublication): Promise<void> {
    this.#forget(publication);
    await publication.close();
  }

  #forget(publication: LocalPublication): void {
    if (this.#publications.get(publication.source) !== publication) return;
    this.#publications.delete(publication.source);
    if (publication.publicationId !== undefined) this.#maxLayers.delete(publication.publicationId);
    this.#hub.emit('localPublicationRemoved', publication);
    this.#watch();
  }

  /** A visit has begun: everything that is wanted goes out through it. */
  attach(session: Session, { videoCodecs, settings }: Pick<RoomSnapshot, 'videoCodecs' | 'settings'>): void {
    this.#session = session;
    this.#roomCodecs = videoCodecs;
    this.#maxLayers.clear();
    this.#early.clear();
    session.whenRestored(() => this.#makeKeyFrames());
    this.allowed(session.welcome.grants, settings);
    void this.#refreshAll();
  }

  /** The media of the visit were moved: everything goes out again. Resolves when it does, or cannot. */
  async rebuild(): Promise<void> {
    await this.#refreshAll();
  }

  /** Those who watch have lost pictures, and browsers wait for three seconds before they ask for a whole one. */
  #makeKeyFrames(): void {
    for (const publication of this.#publications.values()) {
      publication.makeKeyFrame().catch((error: unknown) => this.#report(error));
    }
  }

  /** The visit is over; what is wanted stays for the next one. */
  detach(): void {
    this.#session = undefined;
  }

  codecsChanged(roomCodecs: readonly VideoCodec[]): void {
    this.#roomCodecs = roomCodecs;
    void this.#refreshAll();
  }

  wantedLayers(wanted: Notice<'wantedLayers'>['publications']): void {
    for (const { publicationId, maxSpatialLayer } of wanted) {
      this.#maxLayers.set(publicationId, maxSpatialLayer);
      this.#find(publicationId)
        ?.limitLayers()
        .catch((error: unknown) => this.#report(error));
    }
  }

  /** Somebody waits for the first picture of a publication. */
  keyFrameWanted(publicationId: string): void {
    this.#find(publicationId)
      ?.makeKeyFrame()
      .catch((error: unknown) => this.#report(error));
  }

  #find(publicationId: string): LocalPublication | undefined {
    return [...this.#publications.values()].find((publication) => publication.publicationId === publicationId);
  }

  /** Never fails. */
  async #refreshAll(): Promise<void> {
    const all = [...this.#publications.values()];
    await Promise.all(all.map((each) => each.refresh().catch((error: unknown) => this.#report(error))));
  }

  #watch(): void {
    const needed = this.#publications.size > 0;
    if (needed && this.#timer === undefined) this.#timer = setInterval(() => this.#check(), checkMs);
    if (!needed && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #check(): void {
    for (const publication of this.#publications.values()) {
      // One that was refused is not tried again without cause; and checks must not pile up behind a slow answer.
      if (publication.publicationId === undefined || this.#checked.has(publication)) continue;
      this.#checked.add(publication);
      publication
        .refresh()
        .catch((error: unknown) => this.#report(error))
        .finally(() => this.#checked.delete(publication));
    }
  }

  #report(error: unknown): void {
    if (this.#session?.alive) this.#hub.emit('error', toPlenumError(error));
  }

  /** The room is left: every device that is the room's is released. */
  close(): void {
    this.#closed = true;
    this.#session = undefined;
    for (const publication of [...this.#publications.values()]) {
      this.#forget(publication);
      publication.release();
    }
  }
}
