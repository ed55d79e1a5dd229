import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import type { AuditEntry } from '../../src/audit/AuditLog.ts';
import { serveApi } from '../../src/http/api/index.ts';
import { createInstance } from '../../src/http/refusals.ts';
import { type ApiHandlers, type ApiOperationName, apiOperations } from '../../src/protocol/api.ts';
import type { ApiGrants } from '../../src/protocol/apiGrants.ts';
import type { ApiOperation } from '../../src/protocol/apiOperation.ts';
import { PlenumError } from '../../src/protocol/index.ts';
import { trustOf } from '../../src/proxies.ts';
import { allApiGrants } from './apiStage.ts';
import { fakeApi } from './fakeApi.ts';

/** What the log has of the test so far. */
export const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  lines.length = 0;
});

interface Given {
  grants?: ApiGrants;
  handlers?: Partial<ApiHandlers>;
}

/** The API as HTTP speaks it, over a service that does what the test gives it; good tokens are called `good`. */
export async function startApi({ grants = allApiGrants, handlers = {} }: Given = {}) {
  const told: AuditEntry[] = [];
  let present = grants;
  let limit = Number.POSITIVE_INFINITY;
  const app = createInstance(log);
  apps.push(app);
  const service = fakeApi({
    verify: async (token) => {
      if (token !== 'good') throw new PlenumError('unauthorized', 'the API token is malformed');
      return { name: 'crm', grants: present };
    },
    limits: {
      knock: () => {
        limit -= 1;
        if (limit < 0) throw new PlenumError('rate-limited', 'too many requests', { retryAfterMs: 1500 });
      },
      ask: () => undefined,
    },
    audit: { record: (entry) => void told.push(entry) },
    identityOf: (room, { participantId }) => `${participantId} in ${room}`,
    handlers,
  });
  await serveApi(app, { service, trust: trustOf([]), version: '9.8.7', log });
  await app.ready();
  const ask = async (method: NonNullable<InjectOptions['method']>, path: string, more: Partial<InjectOptions> = {}) => {
    const headers = { authorization: 'Bearer good', ...more.headers };
    const answer = await app.inject({ method, url: `/api/v1${path}`, ...more, headers });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? undefined : answer.json() };
  };
  return { app, ask, told, allow: (count: number) => (limit = count), confine: (to: ApiGrants) => (present = to) };
}

export const operationNames = Object.keys(apiOperations) as ApiOperationName[];

/** An address of that operation, below `/api/v1`. */
export function addressOf({ path }: ApiOperation): string {
  return path
    .replace(':room', 'daily')
    .replace(':participantId', 'p1')
    .replace(/:[A-Za-z]+/, 'x');
}
