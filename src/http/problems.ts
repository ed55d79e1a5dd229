import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from '../log.ts';
import { type ErrorCode, errorCodes, PlenumError } from '../protocol/index.ts';
import { type Problem, problemPath, statusOfCode } from '../protocol/problems.ts';

/** What Fastify refuses by itself, by status: whoever sent it learns nothing of how it was read, nor reads its own words. */
const refusedByStatus: Partial<Record<number, { code: ErrorCode; detail: string }>> = {
  413: { code: 'message-too-large', detail: 'the body is larger than the server takes' },
  415: { code: 'unsupported-media-type', detail: 'the server takes application/json only' },
};
const unreadable = { code: 'bad-request', detail: 'the request cannot be read' } as const;
const failed = { code: 'internal', detail: 'the server failed; its log says why' } as const;

export const problemType = 'application/problem+json';

/** Addresses below which errors are problem details. */
export function isApi(url: string): boolean {
  return /^\/api(?:[/?]|$)/.test(url);
}

/** What is said elsewhere. */
export function plain({ code, detail: message, retryAfterMs }: Problem) {
  return { error: { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) } };
}

/** More would only repeat what is wrong with each entry of a list. */
const mostIssues = 10;

/** Of what somebody is told. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof PlenumError) return error.code;
  const status = statusOf(error);
  return status >= 500 ? failed.code : (refusedByStatus[status] ?? unreadable).code;
}

/** What somebody is told of what went wrong; the rest goes to the log. */
export function problemOf(error: unknown, log: Logger): Problem {
  if (error instanceof PlenumError) {
    if (error.code === 'internal') log.error({ err: error }, 'an HTTP request failed');
    const { code, message, retryAfterMs } = error;
    return { ...told(code, message), ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation, error.validationContext);
  const status = statusOf(error);
  if (status < 500) {
    const { code, detail } = refusedByStatus[status] ?? unreadable;
    return { ...told(code, detail), status };
  }
  log.error({ err: error }, 'an HTTP request failed');
  return told(failed.code, failed.detail);
}

/** What Fastify says of its own errors; all others are failures. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? status : 500;
}

/** Headers that belong to it. RFC 9110, 10.2.3: whole seconds. */
export function problemHeaders({ retryAfterMs }: Problem): Record<string, string> {
  return retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
}

/** What is always said of a code, and what it was this time. */
export function told(code: ErrorCode, detail: string): Problem {
  return { type: `${problemPath}${code}`, title: errorCodes[code], status: statusOfCode(code), detail, code };
}

/** The places and what is wrong there; values stay out, they may be secret or huge. */
function invalid(issues: readonly { instancePath: string; message?: string | undefined }[], where = 'body'): Problem {
  const root = where === 'querystring' ? 'query' : where;
  const errors = issues.slice(0, mostIssues).map(({ instancePath, message = 'is not what it must be' }) => ({
    at: [root, ...instancePath.split('/').filter(Boolean)].join('.').slice(0, 200),
    message: message.slice(0, 300),
  }));
  const [first] = errors;
  return { ...told('bad-request', first ? `${first.at}: ${first.message}` : unreadable.detail), errors };
}
