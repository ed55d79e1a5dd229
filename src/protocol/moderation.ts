import { z } from 'zod';
import { grantChanges } from './grants.ts';
import { moderatorSettingChanges } from './roomSettings.ts';
import { displayName, id, identity, reason, roomName, source, spotlight } from './shapes.ts';

/**
 * What `moderate` does. `mute`: of one participant, or, where none is named, of everybody else; nobody is ever unmuted by
 * others. `ask-to-unmute`: the person decides. `unpublish`: ends a publication, such as a shared screen. `remove`: the
 * visit ends; with `ban` the identity cannot come back as long as the room lives, or until `unban`. `lock`: nobody new comes
 * in. `settings`: of the room; turning the lobby off lets in who waits there. `admit`: from the lobby, one or all. `refuse`:
 * who waits there is sent away, and with `ban` cannot come as long as the room lives. `move`: to another room, made where
 * there is none of that name; a moderator whose token is for a main room, `a`, moves people among it, `a--1`, `a--2` and so
 * on, and others nobody. `spotlight`: who is shown to everybody first, instead of those who were; nobody where it is empty.
 * `lower-hands`: of one, or of everybody. `grant`: changes rights of others, such as moderation itself; of oneself one can
 * only give moderation up. `end`: of the room, for all. `reason`: read by the one who has to go. `remove`, `grant` and `unban`
 * of somebody who was moved hold in the room of its token as well, where who decides moves people there.
 */
export const moderation = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('mute'),
    participantId: id.optional(),
    source: source.default('microphone'),
  }),
  z.strictObject({ action: z.literal('ask-to-unmute'), participantId: id }),
  z.strictObject({ action: z.literal('unpublish'), publicationId: id }),
  z.strictObject({
    action: z.literal('remove'),
    participantId: id,
    ban: z.boolean().default(false),
    reason: reason.optional(),
  }),
  z.strictObject({ action: z.literal('unban'), identity }),
  z.strictObject({ action: z.literal('lock'), locked: z.boolean() }),
  z.strictObject({ action: z.literal('settings'), changes: moderatorSettingChanges }),
  z.strictObject({ action: z.literal('spotlight'), identities: spotlight }),
  z.strictObject({ action: z.literal('admit'), knockId: id.optional() }),
  z.strictObject({
    action: z.literal('refuse'),
    knockId: id,
    ban: z.boolean().default(false),
    reason: reason.optional(),
  }),
  z.strictObject({ action: z.literal('move'), participantId: id, room: roomName }),
  z.strictObject({ action: z.literal('lower-hands'), participantId: id.optional() }),
  z.strictObject({ action: z.literal('grant'), participantId: id, changes: grantChanges }),
  z.strictObject({ action: z.literal('end') }),
]);

/** Who has done it. The application's own server has no identity. */
export const moderator = z.object({ identity: identity.optional(), displayName });

/** Somebody who cannot come in as long as the room lives. */
export const ban = z.object({
  identity,
  /** What they were called when it happened. */
  displayName,
  by: moderator,
  /** Milliseconds since 1970. */
  at: z.number(),
  /** What they were told, where a reason was given. */
  reason: reason.optional(),
});
