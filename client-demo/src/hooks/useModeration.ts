import { useCallback } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { moderationFailure } from '../lib/failures.ts';
import type { Deed } from '../lib/personActions.ts';
import { useNotices } from './useNotices.tsx';

/** Does what a moderator decides, and says that it was done, or why not. */
export type Act = (deed: Deed) => void;

export function useModeration(room: Room): Act {
  const { tell } = useNotices();
  return useCallback(
    ({ moderations, done, failed }: Deed) => {
      Promise.all(moderations.map((moderation) => room.moderate(moderation))).then(
        () => {
          if (done !== undefined) tell('info', done);
        },
        (error: unknown) => {
          console.debug('Plenum could not moderate', error);
          tell('trouble', failed, moderationFailure(error));
        },
      );
    },
    [room, tell],
  );
}
