import { useCallback } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { moderationFailure } from '../lib/failures.ts';
import type { Deed } from '../lib/personActions.ts';
import { useNotices } from './useNotices.tsx';

/** Does what a moderator decides, and says that it was done, or why not. `settled`: either of them. */
export type Act = (deed: Deed, settled?: () => void) => void;

export function useModeration(room: Room): Act {
  const { tell } = useNotices();
  return useCallback(
    ({ moderations, done, failed }: Deed, settled?: () => void) => {
      Promise.all(moderations.map((moderation) => room.moderate(moderation))).then(
        () => {
          if (done !== undefined) tell('info', done);
          settled?.();
        },
        (error: unknown) => {
          console.debug('Plenum could not moderate', error);
          tell('trouble', failed, moderationFailure(error));
          settled?.();
        },
      );
    },
    [room, tell],
  );
}
