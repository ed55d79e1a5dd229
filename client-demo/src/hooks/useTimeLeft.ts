import { useEffect, useState } from 'react';
import { type TimeLeft, timeLeft } from '../lib/timeLeft.ts';

/** How long a meeting with a time limit may go on; undefined for others. @param endsAt milliseconds since 1970 */
export function useTimeLeft(endsAt: number | undefined): TimeLeft | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (endsAt === undefined) return undefined;
    const look = () => setNow(Date.now());
    look();
    const timer = window.setInterval(look, 1000);
    return () => window.clearInterval(timer);
  }, [endsAt]);
  return endsAt === undefined ? undefined : timeLeft(endsAt, now);
}
