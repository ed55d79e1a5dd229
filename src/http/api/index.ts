import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from '../../log.ts';
import { apiPrefix } from '../../protocol/api.ts';
import { errorCodes } from '../../protocol/index.ts';
import type { Trust } from '../../proxies.ts';
import { serveDocs } from './docsPage.ts';
import { documentRoutes } from './openApi.ts';
import type { ApiService } from './ports.ts';
import { serveOperations } from './routes.ts';
import { refuseUnknown } from './unknown.ts';

export interface ApiOptions {
  service: ApiService;
  /** Whose word counts on where a request came from. */
  trust: Trust;
  version: string;
  log: Logger;
}

/** `/api/v1`: the API for the application's server, its description, and what its errors mean. */
export async function serveApi(app: FastifyInstance, { service, trust, version, log }: ApiOptions): Promise<void> {
  await app.register(
    async (api) => {
      api.setNotFoundHandler(({ url }, reply) => refuseUnknown(url, reply));
    },
    { prefix: '/api' },
  );
  await app.register(
    async (api) => {
      // JSON only: what Fastify would take besides is text.
      api.removeContentTypeParser('text/plain');
      takeEmptyBodies(api);
      api.setValidatorCompiler(validators);
      api.setSerializerCompiler(serializerCompiler);
      await documentRoutes(api, version);
      serveOperations(api, { service, trust, log });
      serveProblems(api);
      await serveDocs(api);
    },
    { prefix: apiPrefix },
  );
}

/** Many clients call the body JSON also where they send none. */
function takeEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, body, done);
  });
}

/** Where a request has no body, Fastify says null, and the schemas know of undefined only. */
const validators: typeof validatorCompiler = (route) => {
  const validate = validatorCompiler(route);
  return (data: unknown) => validate(route.httpPart === 'body' && data === null ? undefined : data);
};

/** What the `type` of a problem leads to. */
function serveProblems(app: FastifyInstance): void {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    app.get(`/problems/${code}`, { schema: { hide: true } }, async () => `${code}: ${meaning}\n`);
  }
}
