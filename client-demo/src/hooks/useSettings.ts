import { useCallback, useState } from 'react';
import { cleanName } from '../../../src/client/index.ts';
import { readItem, writeItem } from '../lib/storage.ts';

export interface JoinSettings {
  readonly name: string;
  readonly camera: boolean;
  readonly microphone: boolean;
}

/** What somebody chose before the join. The name outlives the tab; the address of the page has the first word. */
export function useJoinSettings(initial: { name: string | undefined; camera: boolean; microphone: boolean }) {
  const [settings, setSettings] = useState<JoinSettings>(() => ({
    ...initial,
    name: cleanName(initial.name ?? readItem('local', 'name') ?? ''),
  }));
  const change = useCallback((part: Partial<JoinSettings>) => {
    setSettings((now) => ({ ...now, ...part }));
  }, []);
  return [settings, change] as const;
}

export function rememberName(name: string): void {
  writeItem('local', 'name', name);
}

/** Single keys as shortcuts disturb speech input, so they can be switched off (WCAG 2.1.4). */
export function useShortcutsSetting(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => readItem('local', 'shortcuts') !== 'off');
  const change = useCallback((next: boolean) => {
    writeItem('local', 'shortcuts', next ? undefined : 'off');
    setOn(next);
  }, []);
  return [on, change];
}
