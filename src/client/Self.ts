import type { Metadata, ParticipantInfo, Source } from '../protocol/index.ts';
import type { Hub } from './Hub.ts';
import { LocalParticipant } from './LocalParticipant.ts';
import type { LocalPublication } from './LocalPublication.ts';
import type { ServerState } from './ServerState.ts';

/** Oneself: one object from the first join on, whatever visit it is. */
export class Self {
  readonly #hub: Hub;
  readonly #publications: ReadonlyMap<Source, LocalPublication>;
  /** What the application tells of itself at each join. */
  metadata: Metadata = {};
  #participant: LocalParticipant | undefined;

  constructor(hub: Hub, publications: ReadonlyMap<Source, LocalPublication>) {
    this.#hub = hub;
    this.#publications = publications;
  }

  /** Undefined before the first join. */
  get participant(): LocalParticipant | undefined {
    return this.#participant;
  }

  update(info: ParticipantInfo, { grants, settings }: ServerState): void {
    if (this.#participant) this.#participant.update(info);
    else this.#participant = new LocalParticipant(info, this.#publications);
    this.#participant.allow(grants, settings);
    this.#hub.emit('participantChanged', this.#participant);
  }
}
