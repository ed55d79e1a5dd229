import { useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type CallFacts, type CallWords, wordsFor } from '../lib/callStatus.ts';
import { hold, lookAgainIn, nothingToSay } from '../lib/statusHold.ts';

/** What there is to say of the connections of this call; it does not flicker. */
export function useCallStatus(room: Room, moving: boolean): CallWords | undefined {
  const [shown, setShown] = useState<CallWords | undefined>(undefined);
  const onTheWay = useRef(moving);
  useEffect(() => {
    onTheWay.current = moving;
  }, [moving]);
  useEffect(() => {
    let held = nothingToSay;
    let timer: number | undefined;
    const look = () => {
      window.clearTimeout(timer);
      const now = performance.now();
      held = hold(held, wordsFor(factsOf(room, onTheWay.current)), now);
      setShown(held.shown);
      const wait = lookAgainIn(held, now);
      if (wait !== undefined) timer = window.setTimeout(look, wait + 1);
    };
    look();
    const stop = room.on('changed', look);
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.clearTimeout(timer);
      stop();
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, [room]);
  return shown;
}

function factsOf(room: Room, moving: boolean): CallFacts {
  const publications = [...room.participants.values()].flatMap((each) => [...each.publications.values()]);
  return {
    state: room.state,
    trouble: room.trouble,
    online: navigator.onLine,
    pausedVideos: publications.filter(({ kind, status }) => kind === 'video' && status === 'bandwidth').length,
    poorUpload: room.local?.connection === 'poor',
    draining: room.drainingUntil !== undefined,
    moving,
  };
}
