import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  format: 'text' | 'json';
}

/** Keys under which secrets travel; they never reach the log. */
const secrets = [
  ...['token', 'tokenSecret', 'secret', 'password', 'credential', 'authorization', 'cookie'],
  ...['usernameFragment', 'resumeKey', 'privateKey', 'tlsKey', 'webhookSecrets', 'webhookUrls'],
];

/** One logger for the process; bind `roomId` and `participantId` once with `child()`. */
export function createLog(options: LogOptions, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: null,
    redact: { paths: secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
  };
  if (destination) return pino(settings, destination);
  if (options.format === 'json') return pino(settings, standardOutput());
  // Written synchronously: a message about why the process ends must not be lost with it.
  return pino(settings, pretty({ sync: true, colorize: process.stdout.isTTY, translateTime: 'SYS:HH:MM:ss.l' }));
}

/** Characters that wait where it cannot be written to, as on a full disk; lines beyond are lost. */
const mostWaiting = 2 ** 20;

/**
 * What could not be written is tried again with the next line. With pino's own destination the error would end the process,
 * if its attempt to write the rest before that ever ended.
 */
function standardOutput(): DestinationStream {
  const stream = pino.destination({ dest: process.stdout.fd, sync: true, maxLength: mostWaiting });
  stream.on('error', () => undefined);
  return stream;
}
