import { PlenumError, type View } from '../../../src/protocol/index.ts';
import { Histogram } from '../Histogram.ts';
import { ensureRecordings } from '../recordings/make.ts';
import { readRecordings } from '../recordings/read.ts';
import type { AudioFrameMs } from '../recordings/spec.ts';
import type { LoadReport } from '../report.ts';
import { Ticker } from '../sending/Ticker.ts';
import { makeCertificate } from '../transport/certificate.ts';
import { type LoadContext, LoadParticipant } from './LoadParticipant.ts';
import { Measurement, type Totals } from './Measurement.ts';
import { Talk } from './Talk.ts';
import type { TokenSource } from './tokens.ts';
import { gridView, type Size } from './views.ts';

/** What participants of one process share; made once, since the recordings take some megabytes. */
export async function createContext(say?: (line: string) => void): Promise<LoadContext> {
  const recordings = await readRecordings(await ensureRecordings(say));
  return { certificate: makeCertificate(), ticker: new Ticker(), recordings };
}

export interface LoadMeetingOptions {
  /** Of the server's page: http(s)://host:port. */
  url: string;
  room: string;
  token: TokenSource;
  /** How many videos each participant looks at: one page of a grid. Default: 9. */
  view?: number;
  /** How large each of them is drawn. Default: as an even grid of them has it on a full-HD screen. */
  tile?: Size;
  /** Whether each looks at another page of the grid instead of all at the first. Default: false. */
  spread?: boolean;
  /** How many microphones talk at a time, taking turns. Default: 3. */
  speakers?: number;
  frameMs?: AudioFrameMs;
  dtx?: boolean;
  transportCc?: boolean;
  /** Whether the server is on this machine. Default: true. */
  local?: boolean;
  /** Comes before the number in each identity. Default: `load`. */
  name?: string;
}

/** `publisher`: camera and microphone; `audio`: microphone; `camera`: camera; `subscriber`: nothing. All receive. */
export type Role = 'publisher' | 'audio' | 'camera' | 'subscriber';

export interface Joined {
  identity: string;
  /** Counts from 1. */
  number: number;
  role: Role;
  participant: LoadParticipant;
}

/** How long the grid waits for further changes of the room before views are set anew, in milliseconds. */
const viewDelayMs = 50;
/** How many participants follow what is published in the room: one is enough, others stand in when it has gone. */
const rosterKeepers = 3;

/** A room full of participants in this process: joins them at a given rate, sets their views, measures. */
export class LoadMeeting {
  /** Everybody who had joined is gone, without `close()`. */
  onDeserted: () => void = () => undefined;
  readonly participants: Joined[] = [];
  /** Why joins failed, and visits ended, and how many of each. */
  readonly failures = new Map<string, number>();
  readonly latency = new Histogram();
  readonly talk: Talk;
  readonly #context: LoadContext;
  readonly #options: LoadMeetingOptions;
  readonly #measurement: Measurement;
  readonly #views = new Map<LoadParticipant, string>();
  #joined = 0;
  #failed = 0;
  #lastNumber = 0;
  #viewTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: LoadContext, options: LoadMeetingOptions) {
    this.#context = context;
    this.#options = options;
    this.talk = new Talk(options.speakers ?? 3);
    this.#measurement = new Measurement(this.participants, this.latency);
  }

  get joined(): number {
    return this.#joined;
  }

  get failed(): number {
    return this.#failed;
  }

  /** What has come and gone since the measurement began. */
  get totals(): Totals {
    return this.#measurement.totals;
  }

  /**
   * Lets participants join, in the order of their roles, so many a second. Resolves when each has joined and publishes,
   * or has failed.
   */
  async ramp(roles: readonly Role[], perSecond: number, signal?: AbortSignal): Promise<void> {
    const joins: Promise<unknown>[] = [];
    const startedAt = performance.now();
    const aborted = abortOf(signal);
    for (const [place, role] of roles.entries()) {
      const dueAt = startedAt + (place * 1000) / perSecond;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await pause(waitMs, aborted);
      if (signal?.aborted || this.#closed) break;
      joins.push(this.join(role));
    }
    // Joins that are under way when it is ended are not waited for.
    await Promise.race([Promise.all(joins), aborted]);
  }

  /** One participant more; undefined where the join failed, which is counted with its reason. */
  async join(role: Role): Promise<LoadParticipant | undefined> {
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const identity = `${this.#options.name ?? 'load'}-${number}`;
    const { url, room, token, transportCc, local } = this.#options;
    const view = this.#viewOf(number);
    try {
      const participant = await LoadParticipant.join(this.#context, {
        url,
        token: await token(room, identity),
        // The first ones tell the others of this process what is published.
        roster: this.#joined < rosterKeepers,
        view,
        transportCc,
        local,
        latency: this.latency,
      });
      if (this.#closed) {
        await participant.close();
        return undefined;
      }
      this.#joined += 1;
      this.#views.set(participant, JSON.stringify(view));
      await this.#enter({ identity, number, role, participant });
      return participant;
    } catch (error) {
      this.#failed += 1;
      this.#countFailure(error);
      return undefined;
    }
  }

  /** From now on everything is counted from zero. */
  startMeasuring(): void {
    this.#measurement.start();
  }

  report(): LoadReport {
    return this.#measurement.report({
      joined: this.#joined,
      failed: this.#failed,
      failures: Object.fromEntries(this.failures),
    });
  }

  /** All leave. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#viewTimer);
    this.talk.close();
    await Promise.all(this.participants.map(({ participant }) => participant.close()));
  }

  async #enter(joined: Joined): Promise<void> {
    const { participant, role } = joined;
    this.participants.push(joined);
    participant.roster.onChanged = () => this.#viewsChanged();
    participant.onEnded = (reason) => this.#ended(reason);
    // The room may have changed while the answer was on its way.
    this.#viewsChanged();
    try {
      if (role === 'publisher' || role === 'camera') await participant.publishVideo();
      if (role === 'publisher' || role === 'audio') {
        const { frameMs, dtx } = this.#options;
        const { sender } = await participant.publishAudio({ frameMs, dtx });
        this.talk.add(sender);
      }
    } catch (error) {
      this.#countFailure(error);
    }
  }

  #ended(reason: string): void {
    this.#countFailure(new Error(`a visit ended: ${reason}`));
    if (this.participants.every(({ participant }) => participant.closed)) this.onDeserted();
  }

  /** The view of the participant of that number, by what is published now. */
  #viewOf(number: number, participantId?: string): View {
    const { view: size = 9, tile, spread = false } = this.#options;
    const keeper = this.participants.find(({ participant }) => participant.keepsRoster && !participant.closed);
    const videos = keeper?.participant.roster.videos ?? [];
    return gridView(videos, { size, tile, participantId, offset: spread ? number * size : 0 });
  }

  /** Changes come in bursts while many join. */
  #viewsChanged(): void {
    if (this.#closed) return;
    this.#viewTimer ??= setTimeout(() => {
      this.#viewTimer = undefined;
      for (const joined of this.participants) this.#updateView(joined);
    }, viewDelayMs);
  }

  #updateView({ participant, number }: Joined): void {
    if (participant.closed) return;
    const view = this.#viewOf(number, participant.participantId);
    const text = JSON.stringify(view);
    if (this.#views.get(participant) === text) return;
    this.#views.set(participant, text);
    participant.setView(view).catch((error: unknown) => {
      if (!participant.closed) this.#countFailure(error);
    });
  }

  #countFailure(error: unknown): void {
    if (this.#closed) return;
    const reason =
      error instanceof PlenumError
        ? `${error.code}: ${error.message}`
        : error instanceof Error
          ? error.message
          : `${error}`;
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }
}

async function pause(milliseconds: number, aborted: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([passed, aborted]);
  clearTimeout(timer);
}

/** Resolves when it is aborted, once for all who wait. */
function abortOf(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
