import { type Params, PlenumError, type View } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';
import { offerOf, ReceivingSide } from './ReceivingSide.ts';
import type { RoomRoster } from './RoomRoster.ts';

export interface ReceiversOptions {
  roster: RoomRoster;
  clock: Clock;
  /** How many videos the view `auto` holds at most. */
  autoViewVideos: number;
}

/** What each participant of a room receives: one `ReceivingSide` each, kept in line with what the room offers. */
export class Receivers {
  readonly #options: ReceiversOptions;
  readonly #sides = new Map<string, ReceivingSide>();

  constructor(options: ReceiversOptions) {
    this.#options = options;
  }

  /** Begins to receive for a participant; nothing is made before the next `update()`. */
  add(participant: Participant, view: View): ReceivingSide {
    const { roster, clock, autoViewVideos } = this.#options;
    const side = new ReceivingSide({
      participant,
      offer: () => offerOf(roster.publications.values()),
      find: (publicationId) => roster.publications.get(publicationId),
      describe: (publication) => roster.describe(publication),
      askForKeyFrame: (publicationId) => this.#askForKeyFrame(publicationId),
      clock,
      view,
      autoViewVideos,
    });
    this.#sides.set(participant.participantId, side);
    return side;
  }

  remove({ participantId }: Participant): void {
    this.#sides.get(participantId)?.close();
    this.#sides.delete(participantId);
  }

  /** The room offers something else than before. */
  update(): void {
    const offer = offerOf(this.#options.roster.publications.values());
    for (const side of this.#sides.values()) side.update(offer);
  }

  /** @returns the version of the view that holds now */
  setView({ participantId }: Participant, params: Params<'setView'>): number {
    const side = this.#sides.get(participantId);
    if (!side) throw new PlenumError('closed', 'the participant has left');
    return side.setView(params);
  }

  #askForKeyFrame(publicationId: string): boolean {
    const { roster, clock } = this.#options;
    const publication = roster.publications.get(publicationId);
    if (!publication || publication.muted || !publication.mayAskForKeyFrame(clock.now())) return false;
    roster.participant(publication.participantId)?.link.notify('keyFrameWanted', { publicationId });
    return true;
  }
}
