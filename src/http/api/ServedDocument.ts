import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A text in JSON that stays the same as long as the server runs: made once, and sent only to who does not have it yet. */
export class ServedDocument {
  readonly #make: () => string;
  #made: { text: string; etag: string } | undefined;

  /** @param make called for the first request, and never again */
  constructor(make: () => string) {
    this.#make = make;
  }

  async send({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    this.#made ??= tagged(this.#make());
    const { text, etag } = this.#made;
    reply.headers({ 'cache-control': 'no-cache', etag });
    if (names(headers['if-none-match'], etag)) return reply.status(304).send();
    return reply.type('application/json; charset=utf-8').send(text);
  }
}

function tagged(text: string): { text: string; etag: string } {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** RFC 9110, 13.1.2: proxies that compress make tags weak, and weak ones are as good here. */
function names(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
