import { useEffect, useRef } from 'react';
import type { Room } from '../../../src/client/index.ts';
import type { WantedVideo } from '../lib/wantedView.ts';

/** While a window is dragged or a panel slides, sizes change with every frame. */
const settleMs = 200;

/** Tells the server which videos are drawn, and how large. `videos` undefined: not known yet. */
export function useWantedView(room: Room, videos: readonly WantedVideo[] | undefined): void {
  const sent = useRef<{ room: Room; view: string | undefined; ids: string } | undefined>(undefined);
  const view = JSON.stringify(videos);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `view` is the content of `videos`
  useEffect(() => {
    const before = sent.current?.room === room ? sent.current : undefined;
    if (videos === undefined || before?.view === view) return undefined;
    const ids = videos
      .map((video) => video.publicationId)
      .sort()
      .join();
    // Another size can wait; somebody who has just appeared should be seen at once.
    const wait = before?.ids === ids ? settleMs : 0;
    const timer = window.setTimeout(() => {
      sent.current = { room, view, ids };
      room.setView({ videos: [...videos] }).catch((error: unknown) => {
        // Overtaken by a newer view, or offline: the next change sends the whole view again.
        if (sent.current?.view === view) sent.current = undefined;
        console.debug('Plenum could not set the view', error);
      });
    }, wait);
    return () => window.clearTimeout(timer);
  }, [room, view]);
}
