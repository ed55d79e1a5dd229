import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { refuseUnknown } from './api/unknown.ts';
import { isApi } from './problems.ts';
import { nothingHere } from './refusals.ts';

/** The built web client. `/r/<room>` is the client's own route: it gets the page as `/` does. */
export async function serveClient(app: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
    app.get('/', async () => 'Plenum is running. The web client has not been built: npm start builds it.\n');
    app.setNotFoundHandler(() => {
      throw nothingHere;
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    // Read once per request, so that a new build needs no restart.
    wildcard: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // File names under assets/ carry a hash of their content.
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/r/:room', (_request, reply) => reply.sendFile('index.html'));
  app.get('/r/:room/', (_request, reply) => reply.sendFile('index.html'));
  app.setNotFoundHandler((request, reply) => {
    // What is asked for by GET is looked for among the files first.
    if (isApi(request.url)) return refuseUnknown(request.url, reply);
    // Somebody who typed a wrong address gets the client's own page for that; a program gets the usual error.
    const wantsPage = request.method === 'GET' && request.headers.accept?.includes('text/html');
    if (!wantsPage) throw nothingHere;
    return reply.status(404).sendFile('index.html');
  });
}
