import type { Emitter } from '../events.ts';
import type { Source } from '../protocol/index.ts';
import type { MeetingEvents, RoomSession } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';

/** Between two looks, in milliseconds, and how many people are looked at in each: asking costs the worker a message. */
const intervalMs = 1000;
const looksAtOnce = 20;

/** For how long somebody may send too much in all, in milliseconds; what one look counts for at most, so that it takes three. */
const patienceMs = 8000;
const mostPerLookMs = 3000;
/** So much slower it is forgotten: pauses do not help. */
const forgetting = 4;

/** What is left to those who sent too much video. */
const soundOnly: readonly Source[] = ['microphone', 'screen-audio'];

/** Bits per second that are let pass: an encoder overshoots, and a browser probes for more than it sends. */
export function tolerated(limit = Number.POSITIVE_INFINITY): number {
  return 2 * limit + 300_000;
}

export interface SendingWatchOptions {
  clock: Clock;
  /** Where it is told who publishes. */
  events: Pick<Emitter<MeetingEvents>, 'on'>;
  /** Somebody sends far more video than its `maxVideoBitrate` for long, and from now on may only send this. */
  overrun: (room: string, participant: Participant, canPublish: Source[]) => void;
}

/** Somebody who publishes video, with all visits to one meeting. */
interface Sender {
  readonly room: string;
  readonly visits: Set<Participant>;
  lookedAt: number;
  /** For how long too much was sent, less what has been forgotten since. */
  excessMs: number;
  /** As of the last look. */
  limit: number | undefined;
}

/**
 * Holds people to the `maxVideoBitrate` of their tokens. A browser keeps to it by itself, since the worker tells it to send
 * no more (REMB); another client may ignore that. Those who are looked at take turns, so that it costs the same in a server
 * of any size; with very many it takes longer until one is found.
 */
export class SendingWatch {
  readonly #options: SendingWatchOptions;
  /** By meeting and identity; who was looked at last comes last. Who has gone stays until its excess is forgotten. */
  readonly #senders = new Map<string, Sender>();
  #cancel: (() => void) | undefined;
  #looking = false;
  #closed = false;

  constructor(options: SendingWatchOptions) {
    this.#options = options;
    options.events.on('publicationStarted', (session, participant, { kind }) => {
      if (kind === 'video') this.#follow(keyOf(session, participant), session.name, participant);
    });
    options.events.on('participantLeft', (session, participant) => {
      this.#senders.get(keyOf(session, participant))?.visits.delete(participant);
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#senders.clear();
  }

  #follow(key: string, room: string, participant: Participant): void {
    const lookedAt = this.#options.clock.now();
    const sender = this.#senders.get(key) ?? { room, visits: new Set(), lookedAt, excessMs: 0, limit: undefined };
    sender.visits.add(participant);
    this.#senders.set(key, sender);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#cancel || this.#looking || this.#senders.size === 0) return;
    this.#cancel = this.#options.clock.after(intervalMs, () => {
      this.#cancel = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    await Promise.all(this.#takeTurns().map((sender) => this.#lookAt(sender)));
    this.#looking = false;
    this.#schedule();
  }

  #takeTurns(): Sender[] {
    const next: Sender[] = [];
    const now = this.#options.clock.now();
    for (const [key, sender] of [...this.#senders]) {
      if (sender.visits.size === 0) {
        if (now - sender.lookedAt >= forgetting * sender.excessMs) this.#senders.delete(key);
        continue;
      }
      if (next.length >= looksAtOnce || ![...sender.visits].some(isLimited)) continue;
      this.#senders.delete(key);
      this.#senders.set(key, sender);
      next.push(sender);
    }
    return next;
  }

  async #lookAt(sender: Sender): Promise<void> {
    const looks = await Promise.all(
      [...sender.visits].map(async (visit) => ({ visit, bitrate: await videoBitrate(visit) })),
    );
    const now = this.#options.clock.now();
    const passed = now - sender.lookedAt;
    sender.lookedAt = now;
    const over = looks.find(({ visit, bitrate }) => bitrate > tolerated(visit.grants.maxVideoBitrate));
    const limit = over?.visit.grants.maxVideoBitrate;
    if (!over) {
      sender.excessMs = Math.max(0, sender.excessMs - passed / forgetting);
      return;
    }
    // Whose limit was lowered has as much time as others.
    if (sender.limit !== limit) sender.excessMs = 0;
    sender.limit = limit;
    sender.excessMs += Math.min(passed, mostPerLookMs);
    if (sender.excessMs < patienceMs) return;
    sender.excessMs = 0;
    const { visit, bitrate } = over;
    visit.log.warn({ bitrate, limit }, 'sends far more video than it may, and may send none any more');
    const { canPublish } = visit.grants;
    const left = soundOnly.filter((source) =>
      typeof canPublish === 'boolean' ? canPublish : canPublish.includes(source),
    );
    this.#options.overrun(sender.room, visit, left);
  }
}

function keyOf({ sessionId }: RoomSession, { identity }: Participant): string {
  return `${sessionId}\n${identity}`;
}

function isLimited({ grants }: Participant): boolean {
  return grants.maxVideoBitrate !== undefined;
}

/** Of all its videos together; 0 where a worker does not say, which may just be dying. */
async function videoBitrate({ publications }: Participant): Promise<number> {
  const videos = publications.filter(({ kind }) => kind === 'video');
  try {
    const streams = (await Promise.all(videos.map(({ producer }) => producer.stats()))).flat();
    return streams.reduce((sum, { bitrate }) => sum + bitrate, 0);
  } catch {
    return 0;
  }
}
