import type { z } from 'zod';
import type { Logger } from '../log.ts';
import { PlenumError, type RequestName, type RequestPhase, requests, type WireError } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';
import { type HandlerContext, handlers } from './handlers.ts';
import { inspectMessage } from './inspect.ts';
import { checkRight } from './rights.ts';

export type WireAnswer = { ok: true; data: unknown } | { ok: false; error: WireError };

/**
 * One request from its name to its answer: look up, check, parse, handle. Never throws; `answer` is called once.
 */
export async function dispatch(
  context: HandlerContext,
  maxMessageBytes: number,
  name: string,
  args: readonly unknown[],
  answer: (answer: WireAnswer) => void,
): Promise<void> {
  let result: WireAnswer;
  try {
    context.meter.take(name);
    if (!isRequest(name)) throw new PlenumError('unknown-request', 'there is no such request');
    const params = paramsOf(context, name, args, maxMessageBytes);
    const handled = await counted(context, name, () => handle(context, name, params));
    // A function makes the answer in the moment in which it is sent.
    result = { ok: true, data: typeof handled === 'function' ? handled() : handled };
  } catch (error) {
    result = { ok: false, error: wireError(error, context.connection.log) };
  }
  answer(result);
}

function isRequest(name: string): name is RequestName {
  return Object.hasOwn(requests, name);
}

/** What cannot be read counts as refused: `leave` is free, so nothing else would count it. */
function paramsOf({ meter }: HandlerContext, name: RequestName, args: readonly unknown[], maxMessageBytes: number) {
  try {
    if (args.length !== 1) throw new PlenumError('bad-request', 'a request has one object of params');
    inspectMessage(args[0], maxMessageBytes);
    return parseParams(name, args[0]);
  } catch (error) {
    if (name === 'leave') meter.refused();
    throw error;
  }
}

function parseParams(name: RequestName, input: unknown): Record<string, unknown> {
  const result = requests[name].params.safeParse(input);
  if (result.success) return result.data;
  throw new PlenumError('bad-request', describeIssues(result.error));
}

/** The first issues with their places; values are left out, they may be secret or huge. */
function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place ? `${place}: ${message}` : message;
  });
  return issues.join('; ').slice(0, 500);
}

/** Who leaves is not kept by what it has asked for before. */
async function counted<T>({ connection }: HandlerContext, name: RequestName, work: () => Promise<T>): Promise<T> {
  const done = name === 'leave' ? undefined : connection.pending.begin();
  try {
    return await work();
  } finally {
    done?.();
  }
}

async function handle(context: HandlerContext, name: RequestName, params: Record<string, unknown>): Promise<unknown> {
  const { connection } = context;
  const work = async () => {
    checkPhase(requests[name].allowed, connection);
    checkMay(connection, name, params);
    // The table of handlers is typed by the table of requests, and `params` was parsed by that request's schema.
    const handler = handlers[name] as (context: HandlerContext, params: unknown) => unknown;
    return handler(context, params);
  };
  const { requestId } = params;
  if (typeof requestId !== 'string') return work();
  return connection.answered.once(requestId, JSON.stringify([name, params]), async () => onlyOnce(await work()));
}

/** Who moderates without being a moderator is written down. */
function checkMay(connection: Connection, name: RequestName, params: Record<string, unknown>): void {
  try {
    checkRight(name, connection.grants, connection.settings, params);
  } catch (error) {
    const moderate = requests.moderate.params.safeParse(params);
    if (name === 'moderate' && moderate.success && connection.phase === 'joined') {
      const { room, participant } = connection.joined;
      room.moderation.refused({ kind: 'participant', participant }, moderate.data.moderation, 'forbidden');
    }
    throw error;
  }
}

/** A repeated request must get the same answer again, not one made anew. */
function onlyOnce(handled: unknown): unknown {
  if (typeof handled !== 'function') return handled;
  let made: { data: unknown } | undefined;
  return () => {
    made ??= { data: handled() };
    return made.data;
  };
}

function checkPhase(allowed: RequestPhase, { phase }: Connection): void {
  if (phase === 'closed') throw new PlenumError('closed', 'the connection has left the room');
  if (allowed === 'any' || allowed === phase) return;
  const message =
    allowed === 'connected' ? 'this connection has joined already' : 'this is allowed after the join only';
  throw new PlenumError('wrong-phase', message);
}

/** What the client is told; the rest goes to the log. */
export function wireError(error: unknown, log: Logger): WireError {
  if (error instanceof PlenumError) {
    if (error.code === 'internal') log.error({ err: error }, 'a request failed');
    else log.debug({ code: error.code, reason: error.message }, 'a request was refused');
    const { code, message, retryAfterMs } = error;
    return { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  log.error({ err: error }, 'a request failed');
  return { code: 'internal', message: 'the server failed; its log says why' };
}
