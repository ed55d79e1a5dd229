import { useCallback } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { moderationFailure } from '../lib/failures.ts';
import type { Deed, DeedWords } from '../lib/personActions.ts';
import { useNotices } from './useNotices.tsx';

/** Does what a moderator decides, and says that it was done, or why not. `settled`: either of them. */
export type Act = (deed: Deed, settled?: () => void) => void;

export function useModeration(room: Room): Act {
  const report = useReport();
  return useCallback(
    (deed: Deed, settled?: () => void) => {
      const doing = Promise.all(deed.moderations.map((moderation) => room.moderate(moderation)));
      void report(doing, deed).finally(settled);
    },
    [room, report],
  );
}

/** Says what has become of something that a moderator does. Never fails. */
export function useReport(): (doing: Promise<unknown>, words: DeedWords) => Promise<void> {
  const { tell } = useNotices();
  return useCallback(
    async (doing: Promise<unknown>, { done, failed }: DeedWords) => {
      try {
        await doing;
        if (done !== undefined) tell('info', done);
      } catch (error) {
        console.debug('Plenum could not moderate', error);
        tell('trouble', failed, moderationFailure(error));
      }
    },
    [tell],
  );
}
