import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type FileEntry, FileShelf, type OfferedFile } from '../lib/FileShelf.ts';
import { codeOf } from '../lib/failures.ts';
import { offerProblem, sizeText } from '../lib/fileTexts.ts';
import { useNotices } from './useNotices.tsx';

export interface Files {
  readonly entries: readonly FileEntry[];
  /** Offers that have not been answered. */
  readonly waiting: number;
  send(files: Iterable<File>): void;
  accept(entry: OfferedFile): void;
}

/** Files that come and go in the meeting; an offer is announced while the chat is closed. */
export function useFiles(room: Room, chatOpen: boolean): Files {
  const { tell } = useNotices();
  const [shelf] = useState(() => new FileShelf(room, codeOf));
  const entries = useSyncExternalStore(shelf.subscribe, () => shelf.entries);
  const chatShown = useRef(chatOpen);
  useEffect(() => {
    chatShown.current = chatOpen;
  }, [chatOpen]);
  useEffect(
    () =>
      shelf.open(({ from, file }) => {
        if (chatShown.current) return;
        tell(
          'info',
          `${from} wants to send you a file`,
          `${file.name}, ${sizeText(file.size)}. Open the chat to take it.`,
        );
      }),
    [shelf, tell],
  );

  const send = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        try {
          shelf.send(file);
        } catch (error) {
          console.debug('Plenum could not offer a file', error);
          const { title, help } = offerProblem(codeOf(error), file.name, file.size);
          tell('trouble', title, help);
        }
      }
    },
    [shelf, tell],
  );
  const waiting = entries.filter((entry) => entry.kind === 'offered' && entry.file.state === 'offered').length;
  return { entries, waiting, send, accept: (entry) => shelf.accept(entry) };
}
