import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
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

/**
 * `POST /api/token { room, name, secret? }` -> `{ token, identity }`: the demo page's way in while the door is open. The
 * identity follows from the secret, which a page makes up and keeps to itself: with the same one it is the same person.
 */
export function serveTokens(app: FastifyInstance, mintToken: MintToken): void {
  app.post(mintingPath, async (request, reply) => {
    if (!isMinting(request.raw)) throw nothingHere;
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
