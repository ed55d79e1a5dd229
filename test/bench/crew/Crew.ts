import { type LoadContext, LoadParticipant, type WantedView } from '../../load/meeting/LoadParticipant.ts';
import type { AudioFrameMs } from '../../load/recordings/spec.ts';

export interface MemberOptions {
  identity: string;
  token: string;
  view?: WantedView;
  /** A camera that ignores requests for a key frame so soon after one, in milliseconds. */
  video?: { keyFrameIntervalMs: number };
  audio?: { frameMs: AudioFrameMs };
}

/** Times are milliseconds since 1970, so that they mean the same in all processes of a machine. */
export interface Arrival {
  listener: string;
  /** participantId */
  speaker: string;
  /** When the listener was subscribed. */
  addedAt: number;
  /** When the subscription ended; null while it lasts. */
  endedAt: number | null;
  /** The first packet; null before it. */
  firstAt: number | null;
}

export interface CrewOptions {
  /** Of the server's page, as the crew reaches it. */
  url: string;
  /** Whether the server is on this machine and in the same namespace. */
  local: boolean;
}

/** Participants of one process, who do as they are told. */
export class Crew {
  readonly #context: LoadContext;
  readonly #options: CrewOptions;
  readonly #members = new Map<string, LoadParticipant>();
  readonly #losses: string[] = [];

  constructor(context: LoadContext, options: CrewOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** @returns participantId */
  async join({ identity, token, view, video, audio }: MemberOptions): Promise<string> {
    const { url, local } = this.#options;
    const member = await LoadParticipant.join(this.#context, {
      url,
      token,
      local,
      roster: false,
      ...(view && { view }),
    });
    this.#members.set(identity, member);
    member.onEnded = (reason) => void this.#losses.push(`${identity}: ${reason}`);
    if (video) (await member.publishVideo()).sender.keyFrameIntervalMs = video.keyFrameIntervalMs;
    if (audio) await member.publishAudio(audio);
    return member.participantId;
  }

  /** @returns when the sound began */
  speak(identity: string): number {
    const at = performance.now();
    for (const microphone of this.#member(identity).audios.values()) microphone.speak();
    return performance.timeOrigin + at;
  }

  hush(identity: string): void {
    for (const microphone of this.#member(identity).audios.values()) microphone.hush();
  }

  /** Whoever hears this participant already counts the next packet as the first. */
  expect(speaker: string): void {
    for (const { receptions } of this.#members.values()) {
      for (const { stream, subscription, endedAt } of receptions) {
        if (subscription.participantId === speaker && endedAt === undefined) stream.restartFirst();
      }
    }
  }

  /** What has come of all speakers at all listeners. @throws Error where somebody was thrown out meanwhile */
  arrivals(): Arrival[] {
    if (this.#losses.length > 0) throw new Error(`the load could not be made: ${this.#losses}`);
    const epoch = (at: number) => performance.timeOrigin + at;
    return [...this.#members].flatMap(([listener, { receptions }]) =>
      receptions.map(({ subscription, stream, addedAt, endedAt }) => ({
        listener,
        speaker: subscription.participantId,
        addedAt: epoch(addedAt),
        endedAt: endedAt === undefined ? null : epoch(endedAt),
        firstAt: stream.firstAt === 0 ? null : epoch(stream.firstAt),
      })),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.close()));
    this.#members.clear();
  }

  #member(identity: string): LoadParticipant {
    const member = this.#members.get(identity);
    if (!member) throw new Error(`there is no ${identity} in the crew`);
    return member;
  }
}
