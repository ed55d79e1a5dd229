import { type LoadContext, LoadParticipant } from '../../load/meeting/LoadParticipant.ts';

interface ExtraOptions {
  url: string;
  identity: string;
  role: 'camera' | 'microphone' | 'none';
  token: () => Promise<string>;
}

/** One of the crowd: a load client that comes again after whatever has thrown it out. */
export class Extra {
  readonly #context: LoadContext;
  readonly #options: ExtraOptions;
  #participant: LoadParticipant | undefined;
  #published: { publicationId: string; hush: () => void; speak: () => void } | undefined;

  constructor(context: LoadContext, options: ExtraOptions) {
    this.#context = context;
    this.#options = options;
  }

  get isThere(): boolean {
    return this.#participant !== undefined && !this.#participant.closed;
  }

  /** Joins, and publishes what its role has. A server that is away lets nobody in: the next time will do. */
  async come(): Promise<void> {
    const { url, token } = this.#options;
    try {
      const given = { url, token: await token(), view: 'auto' as const, local: false, roster: false };
      this.#participant = await LoadParticipant.join(this.#context, given);
      await this.#publish();
    } catch (error) {
      await this.#gone(error);
    }
  }

  /** @param chance from 0 to 1: what to do */
  async act(chance: number): Promise<void> {
    const participant = this.#participant;
    if (!participant || participant.closed) return;
    try {
      if (chance < 0.3) await participant.close();
      else if (chance < 0.5) this.#published?.speak();
      else if (chance < 0.7) this.#published?.hush();
      else if (chance < 0.85) await this.#unpublish(participant);
      else await this.#publish();
    } catch (error) {
      await this.#gone(error);
    }
  }

  async #publish(): Promise<void> {
    const participant = this.#participant;
    const { role } = this.#options;
    if (!participant || this.#published || role === 'none') return;
    if (role === 'camera') {
      const { publicationId } = await participant.publishVideo();
      this.#published = { publicationId, hush: () => undefined, speak: () => undefined };
      return;
    }
    const { publicationId, sender } = await participant.publishAudio();
    this.#published = { publicationId, hush: () => sender.hush(), speak: () => sender.speak() };
  }

  async #unpublish(participant: LoadParticipant): Promise<void> {
    const published = this.#published;
    this.#published = undefined;
    if (published) await participant.unpublish(published.publicationId);
  }

  /** The server, its worker or the room has just gone: it comes again later. */
  async #gone(error: unknown): Promise<void> {
    const participant = this.#participant;
    this.#participant = undefined;
    this.#published = undefined;
    console.info(`${this.#options.identity}: ${error instanceof Error ? error.message : error}`);
    await participant?.close();
  }
}
