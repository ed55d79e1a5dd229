import { z } from 'zod';
import type { RoomSettingChanges, RoomSettings } from './types.ts';

const fields = {
  /** Participants at a time, hidden ones not counted; absent, or above what the server takes: as many as that. */
  maxParticipants: z.int().min(1).max(100_000),
  /** Nobody new comes in but moderators. */
  locked: z.boolean(),
  /** Who comes waits until a moderator lets it in. */
  lobby: z.boolean(),
  /** Who may share a screen, with its sound: of those whose rights allow it. */
  screenShare: z.enum(['everybody', 'moderators']),
  /** Who comes in publishes its microphone muted; they unmute it themselves. */
  startMuted: z.boolean(),
  /** How long the room may go on after its first participant has come. */
  maxDurationSeconds: z.int().min(60).max(604_800),
  /**
   * How long the room stays while nobody is in it; absent: as the server's options say. A room made by the API waits for its
   * first participant for as long as they say at least.
   */
  emptyTimeoutSeconds: z.int().min(0).max(86_400),
};

/** How a room is set up. Who names a setting that there is not is refused: it would otherwise hold nowhere. */
export const roomSettings = z.strictObject({
  maxParticipants: fields.maxParticipants.optional(),
  locked: fields.locked.default(false),
  lobby: fields.lobby.default(false),
  screenShare: fields.screenShare.default('everybody'),
  startMuted: fields.startMuted.default(false),
  maxDurationSeconds: fields.maxDurationSeconds.optional(),
  emptyTimeoutSeconds: fields.emptyTimeoutSeconds.optional(),
});

/** What is left out stays as it is; null takes a limit away. */
export const roomSettingChanges = z
  .strictObject({
    ...fields,
    maxParticipants: fields.maxParticipants.nullable(),
    maxDurationSeconds: fields.maxDurationSeconds.nullable(),
    emptyTimeoutSeconds: fields.emptyTimeoutSeconds.nullable(),
  })
  .partial();

/** What moderators may change; the door has an action of its own, and what the room may cost is the application's. */
export const moderatorSettingChanges = z
  .strictObject({ lobby: fields.lobby, screenShare: fields.screenShare, startMuted: fields.startMuted })
  .partial();

/** The settings as everybody in the room is told of them. */
export const toldRoomSettings = z.object({
  ...fields,
  maxParticipants: fields.maxParticipants.optional(),
  maxDurationSeconds: fields.maxDurationSeconds.optional(),
  emptyTimeoutSeconds: fields.emptyTimeoutSeconds.optional(),
});

/** Of a room of which nobody has said anything. */
export const plainRoomSettings: RoomSettings = roomSettings.parse({});

/** Pure: the settings after a change. */
export function changedSettings(settings: RoomSettings, changes: RoomSettingChanges): RoomSettings {
  const said = Object.entries(changes).filter(([, value]) => value !== undefined);
  const all = Object.entries({ ...settings, ...Object.fromEntries(said) });
  return roomSettings.parse(Object.fromEntries(all.filter(([, value]) => value !== null)));
}
