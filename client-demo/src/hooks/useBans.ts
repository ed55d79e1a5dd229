import { useCallback, useEffect, useRef, useState } from 'react';
import type { Ban, Room } from '../../../src/client/index.ts';
import { codeOf } from '../lib/failures.ts';

export type BanList =
  | { readonly state: 'loading' }
  | { readonly state: 'failed' }
  /** The latest first. */
  | { readonly state: 'ready'; readonly bans: readonly Ban[] };

const loading: BanList = { state: 'loading' };

/** Nobody is told of bans: the list is fetched anew when people come or go, this often at most. */
const refreshMs = 2000;

/** Who is banned from the room, for moderators. @param shown whether somebody looks at it */
export function useBans(room: Room, shown: boolean): { list: BanList; refresh: () => void } {
  const [listed, setListed] = useState<{ name: string; list: BanList }>({ name: room.name, list: loading });
  const turn = useRef(0);
  const fetchedAt = useRef(Number.NEGATIVE_INFINITY);

  const refresh = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    fetchedAt.current = performance.now();
    const { name } = room;
    // Where it had failed somebody sees that it is being tried.
    setListed((now) => (now.list.state === 'failed' ? { name, list: loading } : now));
    room.listBans().then(
      (bans) => {
        if (mine === turn.current) setListed({ name, list: { state: 'ready', bans } });
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        console.debug('Plenum could not list who is banned', codeOf(error), error);
        setListed({ name, list: { state: 'failed' } });
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

  // Of the room from which somebody was just moved it is another one's.
  return { list: listed.name === name ? listed.list : loading, refresh };
}
