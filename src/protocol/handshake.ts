import { z } from 'zod';
import { notices } from './notices.ts';
import { id } from './shapes.ts';

/** What a client that comes back after its socket broke knows of the visit that it wants to go on with. */
export const resume = z.strictObject({
  /** From the visit's `welcome`. */
  key: z.string().min(1).max(128),
  /** Of the last personal notice that arrived; 0: none. */
  seq: z.int().min(0),
  /** Of the room, after the last `roomChanged` that arrived or the snapshot. */
  revision: z.int().min(0),
  /** The last chat message that the client knows. */
  chatId: id.optional(),
});

/** A token of more characters is not looked at, whatever it is for. */
export const longestToken = 8192;

/** What the handshake of a socket carries (`auth` of socket.io). */
export const handshake = z.object({
  token: z.string().min(1).max(longestToken),
  protocolVersion: z.int().optional(),
  resume: resume.optional(),
});

/** What the refusal of a handshake carries besides the error (`data` of socket.io's). */
export const refusal = z.object({
  /** Of the visit that was to be resumed: its client was sent away while it was out of touch, and hears it here. */
  removed: notices.removed.payload.optional().catch(undefined),
});
