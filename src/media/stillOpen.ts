import { PlenumError } from '../protocol/index.ts';

/**
 * mediasoup does not look: what it gives back for a transport or router that has gone meanwhile would never be closed, and
 * listen for its worker's notifications for good.
 *
 * @param owner what it was made on
 * @throws PlenumError `closed`
 */
export function stillOpen<T extends { close(): void }>(owner: { readonly closed: boolean }, made: T): T {
  if (!owner.closed) return made;
  made.close();
  throw new PlenumError('closed', 'the transport was closed meanwhile');
}
