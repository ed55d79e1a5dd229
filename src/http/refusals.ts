import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import { isApi, longestBody, longestPart, plain, problemHeaders, problemOf, problemType } from './problems.ts';

/** @throws in a route: the usual answer to an address at which there is nothing */
export const nothingHere = new PlenumError('not-found', 'there is no such page');

/**
 * An instance whose refusals are all of one shape: problem details (RFC 9457) below `/api`, and `{ error: { code, message } }`
 * elsewhere.
 */
export function createInstance(log: Logger): FastifyInstance {
  const refuse = (error: unknown, { url, routeOptions }: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, log, routeOptions?.bodyLimit);
    reply.status(problem.status).headers(problemHeaders(problem));
    // By the route, since an address may be written in several ways.
    if (isApi(routeOptions?.url ?? url)) {
      // Some of these statuses others may keep.
      void reply.type(problemType).header('cache-control', 'no-store').send(JSON.stringify(problem));
    } else void reply.send(plain(problem));
  };
  const app = fastify({
    loggerInstance: undefined,
    bodyLimit: longestBody,
    routerOptions: { maxParamLength: longestPart },
    // An address that cannot be decoded does not come as far as the error handler.
    frameworkErrors: refuse,
  });
  app.setErrorHandler(refuse);
  return app;
}
