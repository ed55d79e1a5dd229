import { useEffect, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { hear, lookAgainIn, nobodyHeard } from '../lib/speakerHold.ts';

/** The identity of the other who speaks, or was the last to do so; it does not change at each word. */
export function useActiveSpeaker(room: Room): string | undefined {
  const [shown, setShown] = useState<string | undefined>(undefined);
  useEffect(() => {
    let hold = nobodyHeard;
    let timer: number | undefined;
    const listen = () => {
      window.clearTimeout(timer);
      const now = performance.now();
      // By identity: somebody who reconnects is still the same speaker.
      const speaking = room.speakers.flatMap(({ participantId }) => {
        const participant = room.participants.get(participantId);
        return participant === undefined ? [] : [participant.identity];
      });
      hold = hear(hold, speaking, now);
      setShown(hold.shown);
      const wait = lookAgainIn(hold, now);
      if (wait !== undefined) timer = window.setTimeout(listen, wait + 1);
    };
    listen();
    const stop = room.on('speakersChanged', listen);
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [room]);
  return shown;
}
