import { useCallback, useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import type { Layout } from '../lib/largeTile.ts';
import { readItem, writeItem } from '../lib/storage.ts';
import { cameraKey, isCameraKey } from '../lib/tiles.ts';

export interface Pin {
  /** Of the tile. */
  readonly key: string;
  /** Whose it is; undefined for one's own. */
  readonly identity: string | undefined;
  /** The video to ask for where the person is not known here yet. */
  readonly publicationId?: string | undefined;
}

export interface StageView {
  readonly layout: Layout;
  /** The newest last. */
  readonly pins: readonly Pin[];
  /** Keys of the tiles that were put back. */
  readonly putBack: readonly string[];
  /** Of the tiles, from 0. */
  readonly page: number;
  turnTo(page: number): void;
  toggleLayout(): void;
  isPinned(key: string): boolean;
  togglePin(pin: Pin): void;
  /** What is large without having been pinned goes back among the others. */
  putTileBack(key: string): void;
}

/** As many as the server takes. */
const mostPins = 32;

/**
 * What somebody has chosen to see: grid or speaker view (remembered), and who is pinned. Pinned people are heard however
 * many are louder.
 */
export function useStageView(room: Room): StageView {
  const [layout, setLayout] = useState<Layout>(() => (readItem('local', 'layout') === 'speaker' ? 'speaker' : 'grid'));
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [putBack, setPutBack] = useState<readonly string[]>([]);
  const [page, setPage] = useState(0);

  const toggleLayout = useCallback(() => {
    const next = layout === 'grid' ? 'speaker' : 'grid';
    writeItem('local', 'layout', next === 'speaker' ? next : undefined);
    setLayout(next);
    setPage(0);
  }, [layout]);

  const togglePin = useCallback((pin: Pin) => {
    setPutBack([]);
    // Where whoever is pinned comes first.
    setPage(0);
    setPins((now) => {
      const others = now.filter(({ key }) => key !== pin.key);
      return others.length < now.length ? others : [...now, pin].slice(-mostPins);
    });
  }, []);

  // Who is put into the spotlight anew is seen again.
  useEffect(
    () =>
      room.on('spotlightChanged', (identities) => {
        const spotlit = identities.map(cameraKey);
        setPutBack((now) => now.filter((key) => !isCameraKey(key) || spotlit.includes(key)));
      }),
    [room],
  );

  const heard = [...new Set(pins.flatMap(({ identity }) => identity ?? []))].join('\n');
  const told = useRef('');
  useEffect(() => {
    if (told.current === heard) return;
    told.current = heard;
    const identities = heard === '' ? [] : heard.split('\n');
    room.setPinned(identities).catch((error: unknown) => console.debug('Plenum could not pin', error));
  }, [room, heard]);

  return {
    layout,
    pins,
    putBack,
    page,
    turnTo: setPage,
    toggleLayout,
    isPinned: (key) => pins.some((pin) => pin.key === key),
    togglePin,
    putTileBack: (key) => setPutBack((now) => [...now, key]),
  };
}
