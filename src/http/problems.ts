import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from '../log.ts';
import { type ErrorCode, errorCodes, PlenumError } from '../protocol/index.ts';
import { type Problem, problemPath, statusOfCode } from '../protocol/problems.ts';

/** Of a request that nothing else is said of, in bytes. */
export const longestBody = 64 * 1024;
/** Of a part of an address, such as a name or an id, in characters. */
export const longestPart = 200;

interface Refusal {
  code: ErrorCode;
  detail: string;
}

/** What Fastify refuses by itself, by status: whoever sent it learns nothing of how it was read, nor reads its own words. */
const refusedByStatus: Partial<Record<number, Refusal>> = {
  415: { code: 'unsupported-media-type', detail: 'the server takes application/json only' },
};
/** By Fastify's own code, what is wrong with a request that is of status 400 or the like. */
const refusedByCode: Partial<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON, or has a key like "__proto__"',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty, and must be JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as the header Content-Length says',
  FST_ERR_BAD_URL: 'the address cannot be decoded: it must be UTF-8, with percent signs before what is no ASCII',
  FST_ERR_MAX_PARAM_LENGTH: `a part of the address is longer than ${longestPart} characters`,
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
  return status >= 500 ? failed.code : refusalOf(error, status).code;
}

/** How large something may be, as people read it. */
export function kibOf(bytes: number): string {
  return `${Math.floor(bytes / 1024)} KiB`;
}

/**
 * What somebody is told of what went wrong; the rest goes to the log.
 *
 * @param bodyLimit of the address that was asked, in bytes
 */
export function problemOf(error: unknown, log: Logger, bodyLimit = longestBody): Problem {
  if (error instanceof PlenumError) {
    if (error.code === 'internal') log.error({ err: error }, 'an HTTP request failed');
    const { code, message, retryAfterMs } = error;
    return { ...told(code, message), ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation, error.validationContext);
  const status = statusOf(error);
  if (status < 500) {
    const { code, detail } = refusalOf(error, status, bodyLimit);
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

function refusalOf(error: unknown, status: number, bodyLimit = longestBody): Refusal {
  if (status === 413) return { code: 'message-too-large', detail: `the body is larger than ${kibOf(bodyLimit)}` };
  const name = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = refusedByCode[name] ?? unreadable.detail;
  return refusedByStatus[status] ?? { code: unreadable.code, detail };
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
