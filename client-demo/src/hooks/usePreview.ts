import { useCallback, useEffect, useRef, useState } from 'react';
import { capture } from '../lib/capture.ts';
import { canUseDevices, type Device, deviceFailure, insecureOrigin } from '../lib/deviceFailures.ts';
import type { Failure } from '../lib/failures.ts';

export type PreviewState =
  | { readonly state: 'off' }
  | { readonly state: 'starting' }
  | { readonly state: 'on'; readonly track: MediaStreamTrack }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface Preview {
  readonly now: PreviewState;
  retry(): void;
  /** Gives the open device away: from then on it is not stopped here. */
  take(): Promise<MediaStreamTrack> | undefined;
}

interface Opening {
  readonly track: Promise<MediaStreamTrack>;
  taken: boolean;
}

/** Keeps a device open while it is wanted, and closes it (its light goes off) when it is not. */
export function usePreview(device: Device, wanted: boolean, deviceId: string | undefined): Preview {
  const [now, setNow] = useState<PreviewState>({ state: wanted ? 'starting' : 'off' });
  const [attempt, setAttempt] = useState(0);
  const current = useRef<Opening | undefined>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt opens the device anew
  useEffect(() => {
    if (!wanted) {
      setNow({ state: 'off' });
      return undefined;
    }
    if (!canUseDevices()) {
      setNow({ state: 'failed', failure: insecureOrigin });
      return undefined;
    }
    setNow({ state: 'starting' });
    const opening: Opening = { track: capture(device, deviceId), taken: false };
    current.current = opening;
    const isCurrent = () => current.current === opening;
    opening.track.then(
      (track) => {
        if (!isCurrent()) return;
        setNow({ state: 'on', track });
        track.addEventListener('ended', () => {
          if (!isCurrent() || opening.taken) return;
          setNow({ state: 'failed', failure: { ...stopped(device) } });
        });
      },
      (error: unknown) => {
        if (isCurrent()) setNow({ state: 'failed', failure: deviceFailure(device, error) });
      },
    );
    return () => {
      current.current = undefined;
      if (opening.taken) return;
      opening.track.then(
        (track) => track.stop(),
        () => undefined,
      );
    };
  }, [device, wanted, deviceId, attempt]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  useRetryWhenAllowed(device, now, retry);

  const take = useCallback(() => {
    const opening = current.current;
    if (opening === undefined) return undefined;
    opening.taken = true;
    return opening.track;
  }, []);

  return { now, retry, take };
}

function stopped(device: Device): Failure {
  return {
    code: 'device-not-found',
    title: `The ${device} has stopped`,
    help: 'It may have been unplugged. Plug it in again, or choose another one.',
  };
}

/** Somebody who mends the permission in the address bar should not have to click here as well. */
function useRetryWhenAllowed(device: Device, now: PreviewState, retry: () => void): void {
  const blocked = now.state === 'failed' && now.failure.code === 'permission-denied';
  useEffect(() => {
    if (!blocked) return undefined;
    const abort = new AbortController();
    navigator.permissions?.query({ name: device }).then(
      (status) => {
        if (abort.signal.aborted) return;
        status.addEventListener('change', () => status.state === 'granted' && retry(), { signal: abort.signal });
      },
      // Browsers that do not tell have the "Try again" button.
      () => undefined,
    );
    return () => abort.abort();
  }, [blocked, device, retry]);
}
