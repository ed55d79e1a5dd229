import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { apiPrefix } from '../../protocol/api.ts';
import { ServedDocument } from './ServedDocument.ts';

/** What the page needs, and nothing else. It brings styles inline, and pictures that are made of text. */
const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The OpenAPI document, and a page to read it, for everybody: what it says stands in the repository as well. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  const document = new ServedDocument(() => JSON.stringify(app.swagger()));
  app.get('/openapi.json', { schema: { hide: true } }, (request, reply) => document.send(request, reply));
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: apiPrefix,
    staticCSP: policy,
    uiConfig: { deepLinking: true, docExpansion: 'list', validatorUrl: null, persistAuthorization: false },
    // The page loads the document from an address of its own.
    uiHooks: {
      onRequest: async (request, reply) => {
        if (request.routeOptions.url === `${apiPrefix}/docs/json`) await document.send(request, reply);
      },
    },
    theme: { title: 'Plenum: API' },
  });
}
