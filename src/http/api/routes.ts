import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { Logger } from '../../log.ts';
import { type ApiCaller, type ApiOperationName, apiOperations, idempotencyKey, isWrite } from '../../protocol/api.ts';
import { type ApiOperation, noAnswer, noBody } from '../../protocol/apiOperation.ts';
import { PlenumError } from '../../protocol/index.ts';
import { addressOf, type Trust } from '../../proxies.ts';
import { problemHeaders, problemOf, problemType } from '../problems.ts';
import { authorize } from './authorize.ts';
import { bodyLimitOf } from './bodyLimit.ts';
import { type HttpAnswer, IdempotentAnswers } from './IdempotentAnswers.ts';
import { describe } from './openApi.ts';
import { OperationAudit } from './operationAudit.ts';
import type { ApiService } from './ports.ts';

export interface OperationsOptions {
  service: ApiService;
  trust: Trust;
  log: Logger;
}

/** Every operation of the table, each with its right. */
export function serveOperations(app: FastifyInstance, { service, trust, log }: OperationsOptions): void {
  const answers = new IdempotentAnswers({ now: service.now });
  const callers = new WeakMap<FastifyRequest, ApiCaller>();
  const audit = new OperationAudit(app, service);
  for (const name of Object.keys(apiOperations) as ApiOperationName[]) {
    const operation: ApiOperation = apiOperations[name];
    const bodyLimit = bodyLimitOf(operation, service.bodies);
    const options: RouteShorthandOptions = {
      schema: { ...describe(name, bodyLimit), ...shapesOf(operation) },
      bodyLimit,
      onRequest: async (request, reply) => {
        const address = addressOf(request.raw, trust);
        const known = (who: string) => {
          if (isWrite(name)) audit.asked(request, { operation: name, name: who, address });
        };
        callers.set(request, await authorize(service, operation, { request, reply, address, known }));
      },
    };
    app.route({
      ...options,
      method: operation.method,
      url: operation.path,
      handler: async (request, reply) => {
        const caller = callers.get(request);
        // Nobody comes this far whose right was not checked.
        if (!caller) throw new PlenumError('forbidden', 'nothing says who asks');
        // Also of what was done already: another token of the same application may reach less.
        checkBody(operation, request, caller);
        const work = () => answerTo(service, name, request, caller, log);
        const { answer, replayed } = isWrite(name)
          ? await once(answers, request, caller, work)
          : { answer: await work(), replayed: false };
        audit.came(request, replayed ? 'replayed' : (answer.code ?? 'done'));
        await send(reply, answer);
        return reply;
      },
    });
  }
}

/** @throws PlenumError `forbidden`, or `bad-request` for a body where none is taken */
function checkBody(operation: ApiOperation, { body }: FastifyRequest, { reaches }: ApiCaller): void {
  const { roomInBody } = operation;
  // Whoever says `ban` in the body must not believe that anybody was banned.
  if (operation.body === noBody && !isEmpty(body)) {
    throw new PlenumError('bad-request', 'body: this operation takes none; all that it needs is in the address');
  }
  if (roomInBody === undefined || typeof body !== 'object' || body === null) return;
  const room: unknown = Object.entries(body).find(([field]) => field === roomInBody)?.[1];
  if (typeof room === 'string' && reaches(room)) return;
  throw new PlenumError('forbidden', 'the API token is confined to rooms of other names');
}

function isEmpty(body: unknown): boolean {
  if (body === undefined || body === null) return true;
  return typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0;
}

function shapesOf({ params, query, body }: ApiOperation) {
  return { params, querystring: query, ...(body !== noBody && { body }) };
}

/** What the handler gives, or what went wrong, as it goes out. */
async function answerTo(
  { handlers }: ApiService,
  name: ApiOperationName,
  request: FastifyRequest,
  caller: ApiCaller,
  log: Logger,
): Promise<HttpAnswer> {
  const operation: ApiOperation = apiOperations[name];
  const { status, answer, location } = operation;
  const { params, query, body } = request;
  try {
    // The table of handlers is typed by the table of operations, by whose schemas the request was parsed.
    const handler = handlers[name] as (input: unknown, caller: ApiCaller) => unknown;
    const given = await handler({ params, query, body }, caller);
    const created: Record<string, string> = location ? { location: locationOf(request, given, location) } : {};
    if (answer === noAnswer) return { status, headers: created, body: undefined };
    return { status, headers: { ...created, 'content-type': json }, body: JSON.stringify(answer.parse(given)) };
  } catch (error) {
    const problem = problemOf(error, log);
    const headers = { ...problemHeaders(problem), 'content-type': problemType };
    return { status: problem.status, headers, body: JSON.stringify(problem), code: problem.code };
  }
}

const json = 'application/json; charset=utf-8';

/** What was made lies below the list of its kind. */
function locationOf({ url }: FastifyRequest, made: unknown, field: string): string {
  const [, name] = Object.entries(made ?? {}).find(([each]) => each === field) ?? [];
  return `${url.split('?')[0]}/${encodeURIComponent(String(name))}`;
}

/** Where the request has an idempotency key, it is done once. */
async function once(
  answers: IdempotentAnswers,
  request: FastifyRequest,
  { name: scope }: ApiCaller,
  work: () => Promise<HttpAnswer>,
): Promise<{ answer: HttpAnswer; replayed: boolean }> {
  const key = readKey(request.headers['idempotency-key']);
  if (key === undefined) return { answer: await work(), replayed: false };
  const content = `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`;
  const { answer, replayed } = await answers.once({ scope, key, content }, work);
  const headers = { ...answer.headers, ...(replayed && { 'idempotency-replayed': 'true' }) };
  return { answer: { ...answer, headers }, replayed };
}

/** The draft has it as a string of RFC 9651, in quotation marks; many send it without. */
function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parsed = idempotencyKey.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new PlenumError('bad-request', 'Idempotency-Key: 1 to 255 visible ASCII characters, once');
}

async function send(reply: FastifyReply, { status, headers, body }: HttpAnswer): Promise<void> {
  await reply
    .status(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .send(body);
}
