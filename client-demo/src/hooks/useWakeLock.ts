import { useEffect } from 'react';

/** Keeps a phone's screen on during a meeting. The lock is lost with each change of tab, so it is asked for again. */
export function useWakeLock(): void {
  useEffect(() => {
    // Typed as always there, but missing in older browsers and on insecure origins.
    const wakeLock: WakeLock | undefined = navigator.wakeLock;
    if (wakeLock === undefined) return undefined;
    let gone = false;
    let lock: WakeLockSentinel | undefined;
    const ask = () => {
      if (document.visibilityState !== 'visible') return;
      wakeLock.request('screen').then(
        (sentinel) => {
          if (gone) void sentinel.release();
          else lock = sentinel;
        },
        // A low battery, for example: the meeting goes on all the same.
        (error: unknown) => console.debug('Plenum could not keep the screen on', error),
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}
