import { useEffect, useState } from 'react';
import type { Moderated, Room } from '../../../src/client/index.ts';

/** A moderator asks for one's microphone. It waits until the person has decided. */
export interface UnmuteRequest {
  readonly by: string;
  dismiss(): void;
}

export function useUnmuteRequest(room: Room, microphoneOn: boolean): UnmuteRequest | undefined {
  const [by, setBy] = useState<string | undefined>(undefined);
  useEffect(
    () =>
      room.on('moderated', ({ what, by: moderator }: Moderated) => {
        if (what === 'unmute-asked') setBy(moderator.displayName);
      }),
    [room],
  );
  if (microphoneOn && by !== undefined) setBy(undefined);
  return by === undefined ? undefined : { by, dismiss: () => setBy(undefined) };
}
