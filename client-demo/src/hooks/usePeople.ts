import { useCallback, useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { codeOf } from '../lib/failures.ts';
import { knownPeople, listedPerson, matches, type Person, refreshed } from '../lib/people.ts';

export interface People {
  readonly list: readonly Person[];
  /** How many there are that fit the search. */
  readonly total: number;
  readonly state: 'loading' | 'ready' | 'failed';
  /** Undefined where all are there. */
  readonly more: (() => void) | undefined;
  again(): void;
}

/** While somebody types, in milliseconds. */
const typingMs = 250;
/** In a room where people come and go all the time the list is fetched anew this often at most. */
const refreshMs = 5000;
const pageLimit = 50;

interface Fetched {
  readonly query: string;
  readonly list: readonly Person[];
  readonly total: number;
  readonly next: string | undefined;
}

/** The people of the room that fit a search: from what is known here, or, in a large room, page by page from the server. */
export function usePeople(room: Room, query: string): People {
  const known = knownPeople(room);
  const paged = usePages(room, query, room.isPartialRoster);
  if (!room.isPartialRoster) {
    const list = known.filter((person) => matches(person, query));
    return { list, total: list.length, state: 'ready', more: undefined, again: () => undefined };
  }
  return { ...paged, list: refreshed(paged.list, known, query) };
}

function usePages(room: Room, query: string, needed: boolean): People {
  const [fetched, setFetched] = useState<Fetched | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const count = room.participantCount;

  const fetch = useCallback(
    async (from: Fetched | undefined, least: number) => {
      turn.current += 1;
      const mine = turn.current;
      const late = () => mine !== turn.current;
      setBusy(true);
      try {
        let list = from?.list ?? [];
        let next = from?.next;
        let total = from?.total ?? 0;
        do {
          const page = await room.listParticipants({
            limit: pageLimit,
            ...(query.trim() !== '' && { query: query.trim() }),
            ...(next !== undefined && { after: next }),
          });
          if (late()) return;
          const seen = new Set(list.map(({ identity }) => identity));
          list = [...list, ...page.participants.map(listedPerson).filter(({ identity }) => !seen.has(identity))];
          ({ next, total } = page);
        } while (next !== undefined && list.length < least);
        setFetched({ query, list, total, next });
        setFailed(false);
      } catch (error) {
        if (late()) return;
        console.debug('Plenum could not list the people', codeOf(error), error);
        setFailed(true);
      } finally {
        if (!late()) setBusy(false);
      }
    },
    [room, query],
  );

  const latest = useRef(fetched);
  useEffect(() => {
    latest.current = fetched;
  });
  const fetchedAt = useRef(Number.NEGATIVE_INFINITY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: fetched anew when the number of people changes
  useEffect(() => {
    if (!needed) return undefined;
    const now = performance.now();
    const same = latest.current?.query === query;
    const first = latest.current === undefined;
    const wait = first ? 0 : same ? Math.max(typingMs, fetchedAt.current + refreshMs - now) : typingMs;
    const timer = window.setTimeout(() => {
      fetchedAt.current = performance.now();
      // As many as are shown already, so that the list does not jump under somebody who has scrolled down.
      void fetch(undefined, same ? (latest.current?.list.length ?? 0) : 0);
    }, wait);
    return () => window.clearTimeout(timer);
  }, [fetch, needed, query, count]);

  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );

  const state = failed ? 'failed' : fetched?.query === query ? 'ready' : 'loading';
  const more = fetched?.next !== undefined && !busy ? () => void fetch(fetched, fetched.list.length + 1) : undefined;
  return {
    list: fetched?.list ?? [],
    total: fetched?.total ?? 0,
    state,
    more,
    again: () => void fetch(undefined, 0),
  };
}
