import type { FileRecipient, FileTransferState, IncomingFileState } from '../../../src/client/index.ts';

const units = ['bytes', 'kB', 'MB', 'GB'] as const;

/** For example `3.2 MB`. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && size < 9.95 ? 1 : 0;
  return `${size.toFixed(digits)} ${units[unit] ?? 'bytes'}`;
}

/** A share from 0 to 100, never 100 before the end. */
export function percentOf(part: number, whole: number): number {
  if (whole <= 0) return part >= whole ? 100 : 0;
  return Math.min(100, Math.floor((part / whole) * 100));
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

const reasons: Readonly<Record<string, string>> = {
  declined: 'declined',
  cancelled: 'cancelled',
  damaged: 'damaged on the way',
  closed: 'left the meeting',
  timeout: 'no answer for too long',
  disconnected: 'the connection was lost',
  'not-delivered': 'could not be reached',
  'rate-limited': 'too many files at once',
  forbidden: 'not allowed here',
};

export function reasonText(code: string | undefined): string {
  return reasons[code ?? ''] ?? 'did not work';
}

/** How far a file is that somebody sends. */
export function sentText(state: FileTransferState, recipients: readonly FileRecipient[], percent: number): string {
  const count = (wanted: FileRecipient['state']) => recipients.filter((each) => each.state === wanted).length;
  const failed = recipients.filter((each) => each.state === 'failed');
  const codes = new Set(failed.map(({ error }) => error?.code));
  const why = codes.size === 1 ? reasonText([...codes][0]) : 'did not get it';
  switch (state) {
    case 'offered':
      return `Offered to ${people(recipients.length)}`;
    case 'sending':
      return `Sending to ${people(count('accepted') + count('done'))}: ${percent} %`;
    case 'cancelled':
      return count('done') > 0 ? `Cancelled; ${people(count('done'))} had it already` : 'Cancelled';
    case 'done':
      return `Received by ${people(count('done'))}${failed.length > 0 ? `; ${failed.length} ${why}` : ''}`;
    case 'failed':
      return recipients.length === 1 ? `Not sent: ${why}` : `Nobody got it: ${why}`;
  }
}

/** How far a file is that somebody else offers. */
export function offeredText(state: IncomingFileState, failure: string | undefined, percent: number): string {
  switch (state) {
    case 'offered':
      return 'wants to send you this file';
    case 'receiving':
      return `Receiving: ${percent} %`;
    case 'done':
      return 'Saved with your downloads';
    case 'declined':
      return 'Declined';
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
      return `Not received: ${reasonText(failure)}`;
  }
}

/** Why a file could not even be offered. */
export function offerProblem(code: string, name: string, size: number): { title: string; help: string } {
  switch (code) {
    case 'message-too-large':
      return { title: `“${name}” is too large`, help: `It has ${sizeText(size)}, more than this server takes.` };
    case 'not-found':
      return { title: 'There is nobody to send a file to', help: 'Wait until somebody else is here.' };
    case 'disconnected':
      return { title: `“${name}” was not sent`, help: 'The connection is being restored. Try again in a moment.' };
    default:
      return { title: `“${name}” was not sent`, help: 'Try again.' };
  }
}
