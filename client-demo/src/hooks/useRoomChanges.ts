import { useEffect, useReducer } from 'react';
import type { Room } from '../../../src/client/index.ts';

/** Draws a component again after anything visible in the room has changed; the room batches the news. */
export function useRoomChanges(room: Room): number {
  const [version, bump] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    // Something may have changed between the first drawing and this subscription.
    bump();
    return room.on('changed', bump);
  }, [room]);
  return version;
}
