import type { ErrorCode } from '../protocol/index.ts';
import type { TokenSource } from './askToken.ts';
import { toPlenumError } from './errors.ts';
import type { Session } from './Session.ts';

/** What `prepare()` has opened, or is opening. */
export interface Prepared {
  token: TokenSource;
  opened: Promise<Session>;
  session: Session | undefined;
}

/** It is not needed any more. */
export function discard({ opened }: Prepared): void {
  // Where it fails there is nothing to close, and prepare() has told its caller.
  opened.then((session) => session.close()).catch(() => undefined);
}

/** What `prepare()` has opened, or is opening, with this token. */
export function openedWith(prepared: Prepared | undefined, token: TokenSource): Promise<Session> | undefined {
  // A function gives a token of the same person; another string may be for another room.
  if (!prepared || typeof token === 'function' || token === prepared.token) return prepared?.opened;
  discard(prepared);
  return undefined;
}

/** Errors after which a new connection may do. */
const passing: readonly ErrorCode[] = ['disconnected', 'timeout'];

/**
 * Enters over it.
 *
 * @param renews the application gives a new token for a new connection: the prepared one's may have expired since
 * @returns false where the prepared connection is of no use any more, so that a new one is needed
 */
export async function enterPrepared(
  opened: Promise<Session>,
  enter: (session: Session) => Promise<void>,
  { signal, renews }: { signal: AbortSignal; renews: boolean },
): Promise<boolean> {
  try {
    const session = await opened;
    if (!session.alive) return false;
    await enter(session);
    return true;
  } catch (error) {
    const { code } = toPlenumError(error);
    const mayDo = passing.includes(code) || (renews && code === 'unauthorized');
    if (signal.aborted || !mayDo) throw error;
    return false;
  }
}
