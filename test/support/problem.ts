import { expect } from 'vitest';
import { type ErrorCode, errorCodes } from '../../src/protocol/index.ts';

/** What is answered below /api where something is refused. */
export const problem = (code: ErrorCode, status: number) => ({
  type: `/api/v1/problems/${code}`,
  title: errorCodes[code],
  status,
  detail: expect.stringMatching(/\S/),
  code,
});
