import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'trouble';
  readonly text: string;
  readonly help: string | undefined;
}

interface Notices {
  readonly list: readonly Notice[];
  /** A notice with the same text replaces the older one. */
  tell(tone: Notice['tone'], text: string, help?: string): void;
  dismiss(id: number): void;
  /** What was only news is over; what went wrong stays. */
  forgetNews(): void;
}

const NoticesContext = createContext<Notices | undefined>(undefined);

/** More than these at once hide the meeting. */
const most = 3;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [list, setList] = useState<readonly Notice[]>([]);
  const nextId = useRef(1);
  const tell = useCallback((tone: Notice['tone'], text: string, help?: string) => {
    const notice = { id: nextId.current, tone, text, help };
    nextId.current += 1;
    setList((now) => [...now.filter((other) => other.text !== text), notice].slice(-most));
  }, []);
  const dismiss = useCallback((id: number) => {
    setList((now) => now.filter((notice) => notice.id !== id));
  }, []);
  const forgetNews = useCallback(() => setList((now) => now.filter(({ tone }) => tone !== 'info')), []);
  const value = useMemo(() => ({ list, tell, dismiss, forgetNews }), [list, tell, dismiss, forgetNews]);
  return <NoticesContext value={value}>{children}</NoticesContext>;
}

export function useNotices(): Notices {
  const value = useContext(NoticesContext);
  if (value === undefined) throw new Error('useNotices needs a NoticesProvider above it');
  return value;
}
