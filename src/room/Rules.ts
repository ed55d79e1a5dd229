import { isDeepStrictEqual } from 'node:util';
import {
  changedSettings,
  type Moderator,
  type Notice,
  type RoomSettingChanges,
  type RoomSettings,
  type RoomSnapshot,
} from '../protocol/index.ts';
import { type Actor, moderatorOf } from './Actor.ts';
import type { Clock } from './ports.ts';
import type { RoomLimits } from './RoomOptions.ts';

export interface RulesOptions {
  settings: RoomSettings;
  /** The room was made for people who are still to come. */
  reserved: boolean;
  limits: Pick<RoomLimits, 'maxParticipants' | 'roomGraceMs' | 'emptyRoomMs'>;
  clock: Clock;
  tell: (change: Pick<Notice<'roomChanged'>, 'settings' | 'endsAt' | 'by'>) => void;
  /** Others hold from now on. */
  changed: (by: Actor) => void;
  /** The time limit is over. */
  over: () => void;
}

/** What holds in a room: its settings, and what follows from them and from the server's own limits. */
export class Rules {
  readonly #options: RulesOptions;
  #settings: RoomSettings;
  /** When the first participant came: by the clock that nobody sets, and in milliseconds since 1970. */
  #started: { at: number; date: number } | undefined;
  #endsAt: number | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: RulesOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  get settings(): RoomSettings {
    return this.#settings;
  }

  /** When the time limit is over, in milliseconds since 1970; undefined: there is none, or its time has not begun. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  get maxParticipants(): number {
    const { maxParticipants: most } = this.#options.limits;
    return Math.min(most, this.#settings.maxParticipants ?? most);
  }

  /**
   * Milliseconds that the room stays while nobody is in it of whom others know.
   * @param hidden whether somebody hidden is there
   */
  emptyMs(hidden: boolean): number {
    const { limits, reserved } = this.#options;
    const { emptyTimeoutSeconds } = this.#settings;
    const own = emptyTimeoutSeconds === undefined ? undefined : emptyTimeoutSeconds * 1000;
    // Nobody is late whom the room was made for, or a recorder is there first.
    if (!this.#started && (reserved || hidden)) return Math.max(limits.emptyRoomMs, own ?? 0);
    return own ?? limits.roomGraceMs;
  }

  /** For the snapshot. */
  get told(): Pick<RoomSnapshot, 'settings' | 'endsAt'> {
    return { settings: this.#settings, ...(this.#endsAt !== undefined && { endsAt: this.#endsAt }) };
  }

  change(changes: RoomSettingChanges, by: Actor): void {
    const settings = changedSettings(this.#settings, changes);
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    const told = moderatorOf(by);
    this.#options.tell({ settings, by: told });
    this.#limitTime(told);
    this.#options.changed(by);
  }

  /** Somebody has come of whom others know; time counts from the first on. */
  entered(): void {
    if (this.#started) return;
    const { clock } = this.#options;
    this.#started = { at: clock.now(), date: clock.date() };
    this.#limitTime();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #limitTime(by?: Moderator): void {
    const { clock, tell, over } = this.#options;
    const { maxDurationSeconds } = this.#settings;
    if (!this.#started || this.#closed) return;
    this.#cancel?.();
    this.#cancel = undefined;
    const durationMs = maxDurationSeconds === undefined ? undefined : maxDurationSeconds * 1000;
    const endsAt = durationMs === undefined ? undefined : this.#started.date + durationMs;
    if (durationMs !== undefined) {
      this.#cancel = clock.after(Math.max(0, this.#started.at + durationMs - clock.now()), over);
    }
    if (endsAt === this.#endsAt) return;
    this.#endsAt = endsAt;
    tell({ endsAt: endsAt ?? null, ...(by && { by }) });
  }
}
