import { type RefObject, useEffect, useState } from 'react';

interface Offset {
  readonly left: number;
  readonly top: number;
}

/** How far an element is scrolled, at most once a frame. */
export function useScrollOffset(ref: RefObject<HTMLElement | null>): Offset {
  const [offset, setOffset] = useState<Offset>({ left: 0, top: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    let frame = 0;
    const read = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setOffset({ left: element.scrollLeft, top: element.scrollTop }));
    };
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', read);
    };
  }, [ref]);
  return offset;
}
