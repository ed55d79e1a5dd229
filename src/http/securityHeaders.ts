import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

export interface SecurityHeaderOptions {
  /** Whether the server itself speaks TLS. */
  tls: boolean;
  /** Origins that may show its pages in a frame. */
  frameAncestors: readonly string[];
}

/**
 * What the built web client needs, and nothing else: its own scripts, styles and icon, and its server (`'self'` is the
 * WebSocket as well). It makes no script from text, so no Trusted Types policy may be made either. Streams of tracks and
 * downloads of blobs are no matter of these directives.
 */
const ofPages = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ["'none'"],
};

const permissions = 'camera=(self), microphone=(self), display-capture=(self)';

/**
 * The headers by which a browser keeps strangers out of the page. A meeting asks for camera and microphone, and a page that
 * shows it in a frame can make people press what they do not see: so nobody may, unless the configuration names them.
 * Products show meetings with the SDK, in pages of their own.
 */
export async function serveSecurityHeaders(
  app: FastifyInstance,
  { tls, frameAncestors }: SecurityHeaderOptions,
): Promise<void> {
  const framers = frameAncestors.length > 0 ? [...frameAncestors] : ["'none'"];
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { ...ofPages, 'frame-ancestors': framers } },
    // The header from before frame-ancestors, which knows no list.
    frameguard: frameAncestors.length > 0 ? false : { action: 'deny' },
    // Browsers take these two over TLS only and complain elsewhere. Behind a proxy they are for whoever speaks TLS.
    strictTransportSecurity: tls ? { includeSubDomains: false } : false,
    crossOriginOpenerPolicy: tls ? { policy: 'same-origin' } : false,
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', permissions);
  });
}
