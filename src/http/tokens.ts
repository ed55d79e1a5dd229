import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Door } from '../openDoor.ts';
import { PlenumError, shapes } from '../protocol/index.ts';
import { nothingHere } from './refusals.ts';

export type MintToken = (request: {
  room: string;
  displayName: string;
  secret: string | undefined;
}) => Promise<{ token: string; identity: string }>;

export const mintingPath = '/api/token';

/** Whether somebody asks for a token. The address may be written in several ways, and only this one is answered. */
export function isMinting({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  return method === 'POST' && url === mintingPath;
}

const body = z.object({
  room: shapes.roomName,
  name: shapes.displayName,
  // Long enough that nobody finds it by trying.
  secret: z.string().min(20).max(128).optional(),
});

const fromElsewhere = new PlenumError(
  'forbidden',
  'this request came through a proxy, and the door is open for this machine alone: ask the application for a link, or ' +
    'start the server with --open',
);

/** What proxies and tunnels write into the requests that they bring (RFC 7239; RFC 9110, 7.6.3; and before those). */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name));
}

/**
 * `POST /api/token { room, name, secret? }` -> `{ token, identity }`: the demo page's way in while the door is open. The
 * identity follows from the secret, which a page makes up and keeps to itself: with the same one it is the same person.
 */
export function serveTokens(app: FastifyInstance, door: Door, mintToken: MintToken): void {
  app.post(mintingPath, async (request, reply) => {
    if (!isMinting(request.raw)) throw nothingHere;
    // Whoever it is that is behind it, it is not known to be here.
    if (door === 'local' && isForwarded(request.headers)) throw fromElsewhere;
    const parsed = body.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new PlenumError('bad-request', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
    }
    const { room, name, secret } = parsed.data;
    reply.header('cache-control', 'no-store');
    return mintToken({ room, displayName: name, secret });
  });
}
