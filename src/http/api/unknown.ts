import type { FastifyReply } from 'fastify';
import { apiOperations, apiPrefix } from '../../protocol/api.ts';
import type { ApiOperation } from '../../protocol/apiOperation.ts';
import { PlenumError } from '../../protocol/index.ts';
import { mintingPath } from '../tokens.ts';

const nothingHere = new PlenumError(
  'not-found',
  `no operation has this address; ${apiPrefix}/docs shows all, and none of them ends with a slash`,
);

/** For whoever asks below `/api` for what no route takes: by another method there may be something. */
export function refuseUnknown(url: string, reply: FastifyReply): never {
  const methods = methodsAt(url.split('?')[0] ?? '');
  if (methods.length === 0) throw nothingHere;
  reply.header('allow', methods.join(', '));
  throw new PlenumError('method-not-allowed', `this address takes ${methods.join(', ')}`);
}

function methodsAt(path: string): string[] {
  if (path === mintingPath) return ['POST'];
  const matching = Object.values<ApiOperation>(apiOperations).filter((operation) => {
    const pattern = operation.path.replaceAll(/:[A-Za-z]+/g, '[^/]+');
    return new RegExp(`^${apiPrefix}${pattern}$`).test(path);
  });
  return [...new Set(matching.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : method)))];
}
