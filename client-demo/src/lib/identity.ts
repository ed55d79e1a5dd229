import { readItem, writeItem } from './storage.ts';

const key = 'identity';
let held: string | undefined;

/**
 * The identity of this tab, so that a reload is the same participant; undefined: let the server choose one.
 *
 * "Duplicate tab" copies the session storage too. Two tabs with one identity would throw each other out of the room,
 * so the tab that has an identity holds a lock on it, and a copy that cannot get the lock takes a new one.
 */
export async function tabIdentity(): Promise<string | undefined> {
  const stored = readItem('session', key);
  if (stored === undefined || stored === held) return stored;
  return (await hold(stored)) ? stored : undefined;
}

export async function keepIdentity(identity: string): Promise<void> {
  writeItem('session', key, identity);
  if (identity !== held) await hold(identity);
}

/** Holds the lock until the page goes. True also where the browser has no locks (plain http). */
function hold(identity: string): Promise<boolean> {
  // Typed as always there, but missing on insecure origins.
  const locks: LockManager | undefined = navigator.locks;
  if (locks === undefined) {
    held = identity;
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    // After a reload the old page may hold it for a moment longer, hence a short wait instead of `ifAvailable`.
    const wait = AbortSignal.timeout(400);
    locks
      .request(`plenum-identity-${identity}`, { signal: wait }, () => {
        held = identity;
        resolve(true);
        return new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
