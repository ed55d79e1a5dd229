import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Tells when an element goes while the focus is in it: the keyboard would start anew at the top of the page. */
export function useFocusLoss(element: RefObject<HTMLElement | null>, onLost: () => void): void {
  const lost = useRef(onLost);
  useLayoutEffect(() => {
    lost.current = onLost;
  });
  useLayoutEffect(() => {
    const { current } = element;
    return () => {
      if (current?.contains(document.activeElement)) lost.current();
    };
  }, [element]);
}
