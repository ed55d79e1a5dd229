import { openSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';
import type { Logger } from '../log.ts';
import { RareLog } from '../RareLog.ts';
import type { Clock } from '../room/ports.ts';

/** What lines are written to. */
export interface Written {
  readonly stream: DestinationStream;
  /** Resolves when all is written, or cannot be. */
  close(): Promise<void>;
}

const standardOutput = 1;
/** Bytes that wait where a disk is slow or full; a line beyond is lost. */
const mostWaiting = 4 * 1024 * 1024;
/** How long the end of the server waits for a disk that does not answer, in milliseconds. */
const patienceMs = 2000;

/**
 * Lines are on their way in the moment in which they are written, in their order, and the server does not wait for the disk.
 * What could not be written is tried again with the next line.
 *
 * @param target a file, or `-` for standard output
 * @throws where the file cannot be opened
 */
export function openDestination(target: string, log: Logger, clock: Clock): Written {
  // Opened here: a destination that opens its file itself complains for the second time when the process ends.
  const fd = target === '-' ? standardOutput : openSync(target, 'a', 0o600);
  const stream = pino.destination({ dest: fd, sync: false, maxLength: mostWaiting });
  const failures = new RareLog(clock);
  const losses = new RareLog(clock);
  stream.on('error', (error: unknown) =>
    failures.note((times) => log.error({ err: error, times }, 'the audit log cannot be written')),
  );
  stream.on('drop', () => losses.note((lines) => log.error({ lines }, 'lines of the audit log are lost')));
  return { stream, close: () => closeStream(stream) };
}

async function closeStream(stream: ReturnType<typeof pino.destination>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  stream.once('close', () => resolve());
  // Its other listener has told it; nothing more comes after one at the end.
  stream.once('error', () => resolve());
  const impatience = setTimeout(resolve, patienceMs);
  stream.end();
  await over;
  clearTimeout(impatience);
  // What it still holds cannot be written; it would try so for ever.
  stream.destroy();
}
