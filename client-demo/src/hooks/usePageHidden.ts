import { useEffect, useState } from 'react';

/** A glance at another tab should not cost a fresh start of every picture. */
const patienceMs = 10_000;

/** True once nobody has looked at this page for a while. */
export function usePageHidden(): boolean {
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    let timer: number | undefined;
    const look = () => {
      window.clearTimeout(timer);
      if (document.visibilityState === 'hidden') timer = window.setTimeout(() => setHidden(true), patienceMs);
      else setHidden(false);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return hidden;
}
