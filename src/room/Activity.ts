import type { ConnectionQuality, Notice } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { AudioLevel } from './ports.ts';
import type { RoomRoster } from './RoomRoster.ts';
import { speakersOf } from './speakers.ts';

export interface ActivityOptions {
  roster: RoomRoster;
  tellSpeakers: (notice: Notice<'speakers'>) => void;
  tellQuality: (notice: Notice<'quality'>) => void;
}

/** Tells a room who speaks and how good the connections are. */
export class Activity {
  readonly #options: ActivityOptions;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  heard(levels: readonly AudioLevel[]): void {
    const { roster, tellSpeakers } = this.#options;
    tellSpeakers(speakersOf(levels, roster.publications));
  }

  qualityChanged({ participantId }: Participant, quality: ConnectionQuality): void {
    this.#options.tellQuality({ connections: [{ participantId, quality }] });
  }
}
