import type { ApiService } from '../../src/http/api/ports.ts';
import { type ApiHandlers, apiOperations } from '../../src/protocol/api.ts';
import { PlenumError } from '../../src/protocol/index.ts';

/** What HTTP needs of the rest of the server for the API: a service that does nothing but what a test gives it. */
export function fakeApi(
  given: Partial<Omit<ApiService, 'handlers'>> & { handlers?: Partial<ApiHandlers> } = {},
): ApiService {
  const idle = Object.keys(apiOperations).map((name) => [
    name,
    () => {
      throw new PlenumError('not-found', 'there is no such room');
    },
  ]);
  return {
    verify: async () => {
      throw new PlenumError('unauthorized', 'the API token is malformed or signed with another secret');
    },
    limits: { knock: () => undefined, ask: () => undefined },
    audit: { record: () => undefined },
    identityOf: () => undefined,
    bodies: { maxDataBytes: 64 * 1024 },
    now: () => performance.now(),
    ...given,
    // One of each operation.
    handlers: { ...Object.fromEntries(idle), ...given.handlers } as ApiHandlers,
  };
}
