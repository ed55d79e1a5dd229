import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createAccessToken } from '../../../src/auth/index.ts';
import { type ErrorCode, errorCodes, PlenumError } from '../../../src/protocol/index.ts';

/** Gives somebody of that identity a token for the room. */
export type TokenSource = (room: string, identity: string) => Promise<string>;

/** Signs tokens with the server's own secret. */
export function signedTokens(secret: string): TokenSource {
  return (room, identity) => createAccessToken(secret, { room, identity });
}

const minted = z.object({ token: z.string() });
/** Problem details. */
const refused = z.object({ code: z.string(), detail: z.string() });

/** Asks the server's open door, as the demo page does; the identities are the door's own, one for each that is asked for. */
export function tokensFromDoor(url: string): TokenSource {
  const run = randomUUID();
  return async (room, identity) => {
    const response = await fetch(new URL('/api/token', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room, name: identity, secret: `${run} ${identity}` }),
    }).catch((error: unknown) => {
      throw new PlenumError('disconnected', `${url} cannot be reached (${reasonOf(error)})`, { cause: error });
    });
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = minted.safeParse(body);
    if (response.ok && parsed.success) return parsed.data.token;
    throw refusal(response.status, body);
  };
}

function refusal(status: number, body: unknown): PlenumError {
  const parsed = refused.safeParse(body);
  if (parsed.success && isCode(parsed.data.code)) {
    return new PlenumError(parsed.data.code, parsed.data.detail);
  }
  return new PlenumError(
    status === 404 ? 'unauthorized' : 'internal',
    `the server gives no tokens (HTTP ${status}): its door is closed, so give its secret with --token-secret`,
  );
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** fetch() says only "fetch failed"; what failed is beneath. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
