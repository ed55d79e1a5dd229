import { expect, test } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { wireError } from '../../../src/signaling/dispatch.ts';

const log = createLog({ level: 'silent', format: 'json' });

test('a refusal says when to come back where that is known, and nothing of what is behind it', () => {
  const cause = new Error('a secret');
  const busy = new PlenumError('server-busy', 'later', { retryAfterMs: 1500, cause });
  expect(wireError(busy, log)).toEqual({ code: 'server-busy', message: 'later', retryAfterMs: 1500 });
  const full = new PlenumError('room-full', 'full', { cause });
  expect(wireError(full, log)).toEqual({ code: 'room-full', message: 'full' });
  expect(wireError(cause, log)).toEqual({ code: 'internal', message: expect.not.stringContaining('secret') });
});
