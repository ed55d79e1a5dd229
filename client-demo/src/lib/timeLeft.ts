export interface TimeLeft {
  /** For a narrow place, for example `12 min`. */
  readonly text: string;
  /** To be spoken. It changes seldom: once a minute near the end, and not each second. */
  readonly words: string;
  readonly urgent: boolean;
}

const minuteMs = 60_000;
const urgentMs = 5 * minuteMs;

/** What is left until then. @param endsAt milliseconds since 1970, as is `now` */
export function timeLeft(endsAt: number, now: number): TimeLeft {
  const left = Math.max(0, endsAt - now);
  const urgent = left <= urgentMs;
  const minutes = Math.ceil(left / minuteMs);
  const words = minutes <= 1 ? 'The meeting ends within a minute' : `The meeting ends in ${inWords(minutes)}`;
  if (left > minuteMs) return { text: short(minutes), words, urgent };
  return { text: `${Math.ceil(left / 1000)} s`, words, urgent };
}

function short(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

function inWords(minutes: number): string {
  const parts = [counted(Math.floor(minutes / 60), 'hour'), counted(minutes % 60, 'minute')];
  return parts.filter((part) => part !== '').join(' and ');
}

function counted(count: number, unit: string): string {
  if (count === 0) return '';
  return count === 1 ? `one ${unit}` : `${count} ${unit}s`;
}
