import { expect, test } from 'vitest';
import { createLog, type LogOptions } from '../../src/log.ts';

function written(level: LogOptions['level'], write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ level, format: 'json' }, { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

const hidden = 'hunter2';

test.each([
  ...['token', 'tokenSecret', 'secret', 'password', 'credential', 'authorization', 'cookie'],
  ...['usernameFragment', 'resumeKey', 'privateKey', 'tlsKey', 'webhookSecrets', 'webhookUrls'],
])('%s is not written, at the top, within objects, within lists, or bound to a child', (key) => {
  const lines = written('debug', (log) => {
    log.info({ [key]: hidden }, 'top');
    log.info({ auth: { [key]: hidden } }, 'within');
    log.info({ req: { headers: { [key]: hidden } } }, 'deeper');
    log.info({ iceServers: [{ [key]: hidden }] }, 'list');
    log.child({ [key]: hidden }).info('child');
  });
  expect(lines).not.toContain(hidden);
  expect(lines.match(/\[redacted\]/g)).toHaveLength(5);
});

test('what is no secret is written, with its message and the cause of an error', () => {
  const error = new Error('it failed', { cause: new Error('because of that') });
  const lines = written('info', (log) => log.child({ roomId: 'daily' }).error({ err: error }, 'a request failed'));
  expect(JSON.parse(lines)).toMatchObject({ roomId: 'daily', msg: 'a request failed' });
  expect(lines).toContain('because of that');
});

test('a level keeps what is below it out', () => {
  const all = (log: ReturnType<typeof createLog>) => {
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
  };
  const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
  expect(levels.map((level) => written(level, all).split('\n').length - 1)).toEqual([4, 3, 2, 1, 0]);
});

test('a message of control characters stays one line', () => {
  const lines = written('info', (log) => log.info({ reason: 'a\nb\u001b[31m' }, 'c\nd'));
  expect(lines.trimEnd()).not.toMatch(/\p{Cc}/u);
});
