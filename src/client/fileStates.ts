import { PlenumError } from '../protocol/index.ts';

export type FileRecipientState = 'asked' | 'accepted' | 'done' | 'failed';

/** One of those to whom a file was offered. */
export interface FileRecipient {
  /** A participantId or an identity, as it was given to `sendFile`. */
  readonly name: string;
  readonly state: FileRecipientState;
  /** Bytes that are where they belong there. */
  readonly received: number;
  /** Why it failed: `declined`, `cancelled`, `damaged`, `closed` (left), `not-delivered`, `timeout`, ... */
  readonly error: PlenumError | undefined;
}

export interface FileOutcome {
  /** Those who have the file, whole and with the right hash. */
  readonly received: readonly FileRecipient[];
  readonly failed: readonly FileRecipient[];
}

export type FileTransferState = 'offered' | 'sending' | 'done' | 'failed' | 'cancelled';

export interface FileTransferEvents {
  /** More has been sent, or has arrived somewhere. */
  progress: [];
  stateChanged: [state: FileTransferState];
}

/** What the other side's `cancel` means here. */
export function cancelError(reason: 'cancelled' | 'damaged' | 'failed'): PlenumError {
  switch (reason) {
    case 'cancelled':
      return new PlenumError('cancelled', 'The other side cancelled the transfer.');
    case 'damaged':
      return new PlenumError('damaged', 'What arrived is not the file that was sent.');
    case 'failed':
      return new PlenumError('internal', 'The other side could not go on with the transfer.');
  }
}

/** @param cause what told it, where it was not the room */
export function hasLeft(cause?: PlenumError): PlenumError {
  return new PlenumError('closed', 'The other participant has left the room.', { cause });
}
