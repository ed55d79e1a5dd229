import { type PointerEvent, useRef } from 'react';

/** A shorter way of the finger is a tap, in CSS pixels. */
const shortest = 50;

/** Handlers that tell in which direction a finger was swept sideways: 1 to the left (on to what is next), -1 back. */
export function useSwipe(onSwipe: (direction: 1 | -1) => void) {
  const began = useRef<{ id: number; x: number; y: number } | undefined>(undefined);
  return {
    onPointerDown: ({ pointerId, pointerType, clientX, clientY, isPrimary }: PointerEvent) => {
      began.current = pointerType === 'touch' && isPrimary ? { id: pointerId, x: clientX, y: clientY } : undefined;
    },
    onPointerUp: ({ pointerId, clientX, clientY }: PointerEvent) => {
      const start = began.current;
      began.current = undefined;
      if (start?.id !== pointerId) return;
      const across = clientX - start.x;
      if (Math.abs(across) < shortest || Math.abs(across) < 2 * Math.abs(clientY - start.y)) return;
      onSwipe(across < 0 ? 1 : -1);
    },
    onPointerCancel: () => {
      began.current = undefined;
    },
  };
}
