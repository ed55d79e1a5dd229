import { backoffMs, giveUpAfterMs, leastAttempts, pause } from './backoff.ts';
import { mayPass, toPlenumError } from './errors.ts';
import type { JoinAnswer, JoinParams, Session } from './Session.ts';

export interface EnterHost {
  readonly signal: AbortSignal;
  params(): JoinParams;
  /** Another connection, since the one before is gone. */
  open(): Promise<Session>;
  /** With this one it is asked now. */
  asks(session: Session): void;
  /** We are in the lobby. */
  waits(): void;
}

export interface Entered {
  session: Session;
  answer: JoinAnswer;
}

/**
 * Asks to be let in. Where there is a lobby, waits there as long as it takes, over one connection after another: the server
 * keeps the place of who comes back soon, and others knock again.
 *
 * @throws PlenumError `refused` by a moderator; while nobody waits in a lobby, whatever is wrong with the first attempt
 */
export async function enter(first: Session, host: EnterHost): Promise<Entered> {
  let session: Session | undefined = first;
  let hasWaited = false;
  let failing: { since: number; tries: number } | undefined;
  for (;;) {
    try {
      session ??= await host.open();
      host.asks(session);
      let answer = await ask(session, host);
      while (!answer) {
        hasWaited = true;
        failing = undefined;
        host.waits();
        await session.admitted();
        answer = await ask(session, host);
      }
      return { session, answer };
    } catch (error) {
      session?.close();
      session = undefined;
      const known = toPlenumError(error);
      const now = performance.now();
      failing = { since: failing?.since ?? now, tries: (failing?.tries ?? -1) + 1 };
      const enough = now - failing.since > giveUpAfterMs && failing.tries >= leastAttempts;
      if (!hasWaited || host.signal.aborted || !mayPass(known) || enough) throw known;
      await pause(Math.max(backoffMs(failing.tries, now - failing.since), known.retryAfterMs ?? 0), host.signal);
    }
  }
}

/** Undefined where we have to wait in the lobby. */
async function ask(session: Session, { params }: EnterHost): Promise<JoinAnswer | undefined> {
  try {
    return await session.join(params());
  } catch (error) {
    if (toPlenumError(error).code === 'in-lobby') return undefined;
    throw error;
  }
}
