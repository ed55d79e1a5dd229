import type { Params, ParticipantInfo, PublicationInfo, View } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { FirstPictures } from './FirstPictures.ts';
import { wantedVideos } from './layers.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';
import { Subscriptions } from './Subscriptions.ts';

/** Changes of layers are told at most once in this time. */
const stateIntervalMs = 250;

/** What a room has to receive, oldest first; made once for all participants. */
export interface Offer {
  audio: readonly Publication[];
  videos: readonly PublicationInfo[];
}

export function offerOf(publications: Iterable<Publication>): Offer {
  const all = [...publications];
  return {
    audio: all.filter(({ kind }) => kind === 'audio'),
    videos: all.filter(({ kind }) => kind === 'video').map(({ info }) => info),
  };
}

export interface ReceivingSideOptions {
  participant: Participant;
  /** All of the room. */
  offer: () => Offer;
  find: (publicationId: string) => Publication | undefined;
  /** What a client needs to know of a publication; undefined when its participant is gone. */
  describe: (publication: Publication) => { publication: PublicationInfo; participant: ParticipantInfo } | undefined;
  /** Asks the publisher for a key frame; false where it was asked a moment ago. */
  askForKeyFrame: (publicationId: string) => boolean;
  clock: Clock;
  view: View;
  autoViewVideos: number;
}

/** What one participant wants to receive, turned into subscriptions, and the news of them for its client. */
export class ReceivingSide {
  readonly #options: ReceivingSideOptions;
  readonly #subscriptions: Subscriptions;
  readonly #pictures: FirstPictures;
  readonly #changedStates = new Set<string>();
  readonly #toldStates = new Map<string, string>();
  #cancelStates: (() => void) | undefined;
  #view: View;
  #viewVersion = 0;

  constructor(options: ReceivingSideOptions) {
    const { participant } = options;
    this.#options = options;
    this.#view = options.view;
    this.#subscriptions = new Subscriptions({
      transport: participant.recvTransport,
      capabilities: participant.capabilities,
      canConsume: ({ publicationId }) => participant.router.canConsume(publicationId, participant.capabilities),
      listener: {
        added: (subscriptions) => {
          const told = subscriptions.flatMap(({ info, publication }) => {
            // A new subscription, of which the client knows no state, also where it had the publication before.
            this.#toldStates.delete(info.publicationId);
            const about = options.describe(publication);
            return about ? [{ ...info, ...about }] : [];
          });
          if (told.length > 0) participant.link.notify('subscriptionsAdded', { subscriptions: told });
        },
        removed: (subscriptionIds) => participant.link.notify('subscriptionsRemoved', { subscriptionIds }),
        stateChanged: (publicationId) => this.#stateChanged(publicationId),
        flowing: (publicationId) => this.#pictures.expect(publicationId),
      },
      log: participant.log,
    });
    const find = (publicationId: string) => this.#subscriptions.consumerOf(publicationId);
    this.#pictures = new FirstPictures(options.clock, find, options.askForKeyFrame);
    participant.subscriptions = this.#subscriptions;
  }

  /**
   * Takes over a newer view; the same again changes nothing.
   * @returns the version that holds now
   * @throws `conflict` for a version that was overtaken, or that was used for another view
   */
  setView({ version, view }: Params<'setView'>): number {
    if (version < this.#viewVersion) {
      throw new PlenumError('conflict', `version ${this.#viewVersion} of the view holds; ${version} is older`);
    }
    const same = JSON.stringify(view) === JSON.stringify(this.#view);
    if (version === this.#viewVersion && !same) {
      throw new PlenumError('conflict', `version ${version} of the view was used before with other content`);
    }
    this.#viewVersion = version;
    this.#view = view;
    if (!same) this.update();
    return version;
  }

  /** Compares what is wanted with what there is; to be called after every change of either. */
  update({ audio, videos }: Offer = this.#options.offer()): void {
    const { participant, find, autoViewVideos } = this.#options;
    const fromOthers = ({ participantId }: { participantId: string }) => participantId !== participant.participantId;
    const wanted = wantedVideos(this.#view, videos.filter(fromOthers), autoViewVideos);
    const findOther = (publicationId: string) => {
      const publication = find(publicationId);
      return publication?.participantId === participant.participantId ? undefined : publication;
    };
    this.#subscriptions.reconcile(audio.filter(fromOthers), wanted, findOther);
  }

  close(): void {
    this.#pictures.close();
    this.#cancelStates?.();
  }

  #stateChanged(publicationId: string): void {
    this.#changedStates.add(publicationId);
    this.#cancelStates ??= this.#options.clock.after(stateIntervalMs, () => this.#tellStates());
  }

  #tellStates(): void {
    this.#cancelStates = undefined;
    const states = [...this.#changedStates].flatMap((publicationId) => {
      const state = this.#subscriptions.report(publicationId);
      const text = JSON.stringify(state);
      if (!state || this.#toldStates.get(publicationId) === text) return [];
      this.#toldStates.set(publicationId, text);
      return [state];
    });
    this.#changedStates.clear();
    const receiving = new Set(states.map(({ publicationId }) => publicationId));
    for (const publicationId of this.#toldStates.keys()) {
      if (!receiving.has(publicationId) && !this.#options.find(publicationId)) this.#toldStates.delete(publicationId);
    }
    if (states.length > 0) this.#options.participant.link.notify('subscriptionState', { states });
  }
}
