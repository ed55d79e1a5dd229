import { useCallback, useEffect, useRef, useState } from 'react';
import type { Ban, Room } from '../../../src/client/index.ts';
import { codeOf } from '../lib/failures.ts';

export type BanList =
  | { readonly state: 'loading' }
  | { readonly state: 'failed' }
  /** The latest first. */
  | { readonly state: 'ready'; readonly bans: readonly Ban[] };

/** Nobody is told of bans: the list is fetched anew when people come or go, this often at most. */
const refreshMs = 2000;

/** Who is banned from the room, for moderators. @param shown whether somebody looks at it */
export function useBans(room: Room, shown: boolean): { list: BanList; refresh: () => void } {
  const [list, setList] = useState<BanList>({ state: 'loading' });
  const turn = useRef(0);
  const fetchedAt = useRef(Number.NEGATIVE_INFINITY);

  const refresh = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    fetchedAt.current = performance.now();
    // Where it had failed somebody sees that it is being tried.
    setList((now) => (now.state === 'failed' ? { state: 'loading' } : now));
    room.listBans().then(
      (bans) => {
        if (mine === turn.current) setList({ state: 'ready', bans });
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        console.debug('Plenum could not list who is banned', codeOf(error), error);
        setList({ state: 'failed' });
      },
    );
  }, [room]);

  const { name, participantCount: people, lobby } = room;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes, or waits no more, may have been banned
  useEffect(() => {
    if (!shown) return undefined;
    const wait = Math.max(0, fetchedAt.current + refreshMs - performance.now());
    const timer = window.setTimeout(refresh, wait);
    return () => window.clearTimeout(timer);
  }, [refresh, shown, name, people, lobby.length]);

  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );

  return { list, refresh };
}
