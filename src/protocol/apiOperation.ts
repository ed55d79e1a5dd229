import { z } from 'zod';
import type { ApiRight } from './apiGrants.ts';
import type { ErrorCode } from './errors.ts';
import { id, pageCursor, roomName } from './shapes.ts';

/** What a server is told by its options of how large bodies may be. */
export interface ApiBodyLimits {
  /** Largest data message, in bytes. */
  readonly maxDataBytes: number;
}

/** One operation of the API for the application's server. */
export interface ApiOperation {
  /** For lists of operations: without a full stop. */
  readonly summary: string;
  readonly doc?: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; a part that begins with a colon is a parameter. */
  readonly path: `/${string}`;
  /** What a token must be allowed to do. Besides, it must reach the room that the path names. */
  readonly right: ApiRight;
  /** What it counts against the application's `--limit-api`: about what it costs the server, in units of the cheapest. */
  readonly weight: number;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** `noBody` where it takes none. */
  readonly body: z.ZodType;
  /** Where a body may be larger than 64 KiB: bytes for what is large in it, which all the rest has besides. */
  readonly largeBody?: (limits: ApiBodyLimits) => number;
  /** Where the body names another room than the path: in which field. A token must reach that one as well. */
  readonly roomInBody?: string;
  readonly status: 200 | 201 | 202 | 204;
  /** Where what was made can be read below the path: by which field of the answer. */
  readonly location?: string;
  /** `noAnswer` where it gives none. */
  readonly answer: z.ZodType;
  /** What it may refuse besides what every operation may. */
  readonly errors: readonly ErrorCode[];
}

/**
 * How many bytes so many characters of UTF-16 have in JSON at most, and so many bytes of UTF-8: each of them may be written
 * as `\u0000` (RFC 8259, 7), and many programs write all that is not ASCII so.
 */
export function jsonBytes(characters: number): number {
  return 6 * characters;
}

export const noParams = z.strictObject({});
export const noQuery = z.strictObject({});
export const noBody = z.undefined();
export const noAnswer = z.undefined();

export const inRoom = z.object({ room: roomName });
export const ofParticipant = z.object({ room: roomName, participantId: id });

/** Of a list that comes in pages. In an address a number is a text. */
export const pageOf = {
  after: pageCursor.optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('How many entries the page holds at most.'),
};

/** A yes or no in an address. */
export const yesOrNo = z.enum(['true', 'false']).transform((value) => value === 'true');
