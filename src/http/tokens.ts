import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PlenumError, shapes } from '../protocol/index.ts';

export type MintToken = (request: {
  room: string;
  displayName: string;
  identity: string | undefined;
}) => Promise<{ token: string; identity: string }>;

export const mintingPath = '/api/token';

const body = z.object({
  room: shapes.roomName,
  name: shapes.displayName,
  identity: shapes.identity.optional(),
});

/** `POST /api/token { room, name, identity? }` -> `{ token, identity }`: the demo page's way in while the door is open. */
export function serveTokens(app: FastifyInstance, mintToken: MintToken): void {
  app.post(mintingPath, async (request, reply) => {
    const parsed = body.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new PlenumError('bad-request', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
    }
    const { room, name, identity } = parsed.data;
    reply.header('cache-control', 'no-store');
    return mintToken({ room, displayName: name, identity });
  });
}
