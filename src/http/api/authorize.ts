import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiCaller } from '../../protocol/api.ts';
import { type ApiGrants, grantsAccess, reachesRoom } from '../../protocol/apiGrants.ts';
import type { ApiOperation } from '../../protocol/apiOperation.ts';
import { PlenumError } from '../../protocol/index.ts';
import type { ApiService } from './ports.ts';

export interface Asking {
  request: FastifyRequest;
  reply: FastifyReply;
  /** As `clientAddress` gives it. */
  address: string;
  /** Called as soon as it is known who asks. */
  known: (name: string) => void;
}

/**
 * Who asks, and whether they may: before the body is read. The limit of the address comes first, so that nobody has many
 * tokens checked that are none.
 *
 * @throws PlenumError `rate-limited`, `unauthorized` or `forbidden`
 */
export async function authorize(
  { verify, limits }: ApiService,
  { right, path, weight }: ApiOperation,
  { request, reply, address, known }: Asking,
): Promise<ApiCaller> {
  limits.knock(address);
  const { name, grants } = await whose(verify, request, reply);
  known(name);
  limits.ask(name, weight);
  if (!grantsAccess(grants, right)) {
    reply.header('www-authenticate', `${scheme}, error="insufficient_scope"`);
    throw new PlenumError('forbidden', `this needs an API token with the right "${right.area}": "${right.access}"`);
  }
  const caller = { name, reaches: (room: string) => reachesRoom(grants, room) };
  if (path.startsWith('/rooms/:room')) checkReach(caller, roomOf(request), grants);
  return caller;
}

/** @throws PlenumError `forbidden`, whether or not there is such a room */
function checkReach({ reaches }: ApiCaller, room: string, { onlyRooms, roomPrefix }: ApiGrants): void {
  if (reaches(room)) return;
  const where = [onlyRooms && 'some rooms', roomPrefix !== undefined && 'a prefix'].filter(Boolean).join(' and ');
  throw new PlenumError('forbidden', `the API token is confined to ${where}, and this room is none of them`);
}

function roomOf({ params }: FastifyRequest): string {
  const room = typeof params === 'object' && params !== null && 'room' in params ? params.room : undefined;
  if (typeof room !== 'string') throw new PlenumError('bad-request', 'the address names no room');
  return room;
}

const scheme = 'Bearer realm="plenum-api"';

/** RFC 6750. */
async function whose(verify: ApiService['verify'], { headers }: FastifyRequest, reply: FastifyReply) {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) {
    reply.header('www-authenticate', scheme);
    throw new PlenumError('unauthorized', 'give an API token in the header "Authorization: Bearer ..."');
  }
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof PlenumError && error.code === 'unauthorized') {
      reply.header('www-authenticate', `${scheme}, error="invalid_token"`);
    }
    throw error;
  }
}
