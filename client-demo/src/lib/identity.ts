import { readItem, writeItem } from './storage.ts';

const key = 'secret';
let found: Promise<string> | undefined;

/**
 * What only this tab knows, and knows again after a reload. The server makes its identity of it: whoever has the secret is
 * this participant.
 *
 * "Duplicate tab" copies the session storage too. Two tabs with one identity would throw each other out of the room,
 * so the tab that has a secret holds a lock on it, and a copy that cannot get the lock makes up a new one.
 */
export function tabSecret(): Promise<string> {
  found ??= find();
  return found;
}

async function find(): Promise<string> {
  const stored = readItem('session', key);
  if (stored !== undefined && (await hold(stored))) return stored;
  const secret = makeSecret();
  writeItem('session', key, secret);
  await hold(secret);
  return secret;
}

/** crypto.randomUUID() is missing on insecure origins. */
function makeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Holds the lock until the page goes. True also where the browser has no locks (plain http). */
function hold(secret: string): Promise<boolean> {
  // Typed as always there, but missing on insecure origins.
  const locks: LockManager | undefined = navigator.locks;
  if (locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    // After a reload the old page may hold it for a moment longer, hence a short wait instead of `ifAvailable`.
    const wait = AbortSignal.timeout(400);
    locks
      .request(`plenum-tab-${secret}`, { signal: wait }, () => {
        resolve(true);
        return new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
