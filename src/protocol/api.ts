import { z } from 'zod';
import { lobbyOperations } from './apiLobby.ts';
import { messageOperations } from './apiMessages.ts';
import { moderationOperations } from './apiModeration.ts';
import type { ApiOperation } from './apiOperation.ts';
import { participantOperations } from './apiParticipants.ts';
import { roomOperations } from './apiRooms.ts';
import { statsOperations } from './apiStats.ts';

/**
 * The API for the application's server, declared once: the routes, their rights, the OpenAPI document and the client are
 * made of this table.
 */
export const apiOperations = {
  ...roomOperations,
  ...participantOperations,
  ...moderationOperations,
  ...lobbyOperations,
  ...messageOperations,
  ...statsOperations,
} as const satisfies Record<string, ApiOperation>;

export const apiPrefix = '/api/v1';

/** Whether it changes something, so that it takes an idempotency key. */
export function isWrite(name: ApiOperationName): boolean {
  const { method }: ApiOperation = apiOperations[name];
  return method !== 'GET';
}

/**
 * The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a string of RFC 9651, in quotation marks,
 * which many leave out.
 */
export const idempotencyKey = z
  .string()
  .regex(/^(?:"[!#-[\]-~]{1,255}"|[!#-~]{1,255})$/)
  .transform((header) => header.replaceAll('"', ''));

export type ApiOperationName = keyof typeof apiOperations;
type Declared<N extends ApiOperationName> = (typeof apiOperations)[N];

/** What a request carries after parsing. */
export interface ApiInput<N extends ApiOperationName> {
  params: z.output<Declared<N>['params']>;
  query: z.output<Declared<N>['query']>;
  body: z.output<Declared<N>['body']>;
}
export type ApiAnswer<N extends ApiOperationName> = z.output<Declared<N>['answer']>;

/** Who asks. */
export interface ApiCaller {
  /** Which application: the token's subject. */
  readonly name: string;
  /** Whether the token reaches that room. */
  readonly reaches: (room: string) => boolean;
}

/** Whom or what an address names, by one of these ids; the others are empty. */
export interface ApiSubject {
  readonly participantId: string;
  readonly publicationId: string;
  readonly knockId: string;
}

/** What is done for each operation. @throws PlenumError */
export type ApiHandlers = {
  [N in ApiOperationName]: (input: ApiInput<N>, caller: ApiCaller) => ApiAnswer<N> | Promise<ApiAnswer<N>>;
};
