import { useEffect, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';

/** Whether moderators have sent this page to another room, and it is on the way there. */
export function useMoving(room: Room): boolean {
  const [moving, setMoving] = useState(false);
  useEffect(() => {
    const stops = [
      room.on('moved', () => setMoving(true)),
      room.on('stateChanged', (state) => {
        if (state === 'joined') setMoving(false);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [room]);
  return moving;
}
