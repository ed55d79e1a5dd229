import { type ErrorCode, PlenumError } from '../protocol/index.ts';
import { type Problem, problem } from '../protocol/problems.ts';

/** What the server refuses. `code` is for programs, `message` may be shown to a person. */
export class PlenumApiError extends PlenumError {
  /** Of the HTTP answer. */
  readonly status: number;
  /** All that the server said; undefined where the answer came from something in front of it. */
  readonly problem: Problem | undefined;

  /**
   * @param retryAfter the header, in seconds
   * @param body problem details (RFC 9457), or whatever a proxy has written
   */
  static of(status: number, retryAfter: string | null, body: string): PlenumApiError {
    const said = problem.safeParse(parseJson(body)).data;
    const seconds = Number(retryAfter ?? Number.NaN);
    const retryAfterMs = said?.retryAfterMs ?? (Number.isFinite(seconds) ? seconds * 1000 : undefined);
    const message = said?.detail ?? `the server answered with status ${status}`;
    return new PlenumApiError(said?.code ?? codeOfStatus(status), message, { status, problem: said, retryAfterMs });
  }

  constructor(
    code: ErrorCode,
    message: string,
    details: { status: number; problem: Problem | undefined; retryAfterMs: number | undefined },
  ) {
    super(code, message, { retryAfterMs: details.retryAfterMs });
    this.status = details.status;
    this.problem = details.problem;
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  return status < 500 ? 'bad-request' : 'internal';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A page of a proxy.
    return undefined;
  }
}
