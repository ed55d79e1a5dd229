import { z } from 'zod';
import { source } from './shapes.ts';
import type { RoomSettings } from './types.ts';

/** What a participant may do, without what is taken where nothing is said. */
const rights = {
  /** Send tracks: of every source, of none, or of these. */
  canPublish: z.union([z.boolean(), z.array(source).max(source.options.length)]),
  /** Receive tracks. */
  canSubscribe: z.boolean(),
  /** Send data and files. */
  canPublishData: z.boolean(),
  canChat: z.boolean(),
  /** Add metadata of its own to what the application says of it. */
  canUpdateMetadata: z.boolean(),
  /** May moderate the room. */
  moderator: z.boolean(),
  /**
   * Bits per second of video that it is told to send at most; absent: the server's own ceiling. A client that sends far more
   * for long may send no video any more.
   */
  maxVideoBitrate: z.int().min(30_000).max(1_000_000_000).optional(),
};

/**
 * What a participant may do, as its access token says. What a token leaves out is as here: a plain participant who may
 * send, receive and talk. A name that is not one of these is refused, since a right that was spelled wrongly would
 * otherwise be given or taken without anybody noticing.
 */
export const grants = z.strictObject({
  ...rights,
  canPublish: rights.canPublish.default(true),
  canSubscribe: rights.canSubscribe.default(true),
  canPublishData: rights.canPublishData.default(true),
  canChat: rights.canChat.default(true),
  canUpdateMetadata: rights.canUpdateMetadata.default(true),
  moderator: rights.moderator.default(false),
  /** Nobody is told of it: it is neither listed nor counted. It sends nothing, and receives no data messages. */
  hidden: z.boolean().default(false),
});

/** What may be changed in a visit; what is left out stays as it is. Whether somebody is hidden does not change. */
export const grantChanges = z.strictObject(rights).partial();

export type Grants = z.output<typeof grants>;

/** What a token that says nothing of rights gives. */
export const plainGrants: Grants = grants.parse({});

/** Pure: whether tracks of that source may be sent by somebody with these rights, in a room that is set up like this. */
export function mayPublish(
  { canPublish, hidden, moderator }: Grants,
  wanted: z.output<typeof source>,
  { screenShare }: Pick<RoomSettings, 'screenShare'>,
): boolean {
  if (hidden) return false;
  const isShare = wanted === 'screen' || wanted === 'screen-audio';
  if (isShare && screenShare === 'moderators' && !moderator) return false;
  return typeof canPublish === 'boolean' ? canPublish : canPublish.includes(wanted);
}
