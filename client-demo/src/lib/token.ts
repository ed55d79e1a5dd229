import { PlenumError } from '../../../src/client/index.ts';
import { tabSecret } from './identity.ts';

/** The server's answer when it gives no token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const patienceMs = 10_000;

/** Asks the demo's open door for a token. A server with its own login would hand them out elsewhere. */
export async function fetchToken(room: string, name: string): Promise<string> {
  const response = await post('/api/token', { room, name, secret: await tabSecret() });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response.status, body);
  if (!isRecord(body) || typeof body.token !== 'string') {
    throw new TokenError('internal', 'The server answered something that is not a token.');
  }
  return body.token;
}

async function post(path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (cause) {
    throw new TokenError('disconnected', 'The server cannot be reached.', { cause });
  }
}

/** One that is to wait is told so as the SDK says it, which then waits and asks again. */
function refusal(status: number, body: unknown): TokenError | PlenumError {
  // Problem details (RFC 9457).
  const given = isRecord(body) ? body : {};
  const message = typeof given.detail === 'string' ? given.detail : `The server answered with status ${status}.`;
  // A proxy in front of a server that is away answers 502, 503 or 504 with a page of its own.
  if (status >= 502 && typeof given.code !== 'string') return new TokenError('disconnected', message);
  const { retryAfterMs } = given;
  if (status === 429 && typeof retryAfterMs === 'number') {
    return new PlenumError('rate-limited', message, { retryAfterMs });
  }
  if (status === 403) return new TokenError('door-closed', message);
  return new TokenError(typeof given.code === 'string' ? given.code : 'internal', message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
