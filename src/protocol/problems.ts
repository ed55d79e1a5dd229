import { z } from 'zod';
import { type ErrorCode, errorCodes } from './errors.ts';

/** How the API says what went wrong (RFC 9457): `application/problem+json`. */

/** Codes that no answer over HTTP carries are failures of the server, were they ever to come up. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'room-locked': 403,
  refused: 403,
  'in-lobby': 409,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'room-full': 409,
  closed: 409,
  'idempotency-in-progress': 409,
  'message-too-large': 413,
  'unsupported-media-type': 415,
  unsupported: 422,
  'idempotency-mismatch': 422,
  'rate-limited': 429,
  draining: 503,
  'server-full': 503,
  'server-busy': 503,
  timeout: 504,
};

export function statusOfCode(code: ErrorCode): number {
  return statuses[code] ?? 500;
}

/** Where the server explains them; stable, so that programs may compare them. */
export const problemPath = '/api/v1/problems/';

export const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const problem = z
  .object({
    /** `/api/v1/problems/<code>`, relative to the server. */
    type: z.string().describe('`/api/v1/problems/` and the code: an address of this server that says what it means.'),
    title: z.string().describe('What the code means, always in the same words.'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What it was this time. May be shown to a person.'),
    code: errorCode,
    errors: z
      .array(z.object({ at: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with the request, and where: `body.settings.maxParticipants`.'),
    retryAfterMs: z
      .int()
      .optional()
      .describe('When to try again, in milliseconds; as the header `Retry-After` says in seconds.'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problem>;
