import { useCallback, useEffect, useState } from 'react';
import { listDevices } from '../../../src/client/index.ts';
import { canUseDevices } from '../lib/deviceFailures.ts';
import { readItem, writeItem } from '../lib/storage.ts';

export type Devices = Awaited<ReturnType<typeof listDevices>>;

const none: Devices = { cameras: [], microphones: [], speakers: [] };

/** What is plugged in. `trigger`: look again when it changes, since names appear only after a permission. */
export function useDevices(trigger: unknown): Devices {
  const [devices, setDevices] = useState<Devices>(none);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trigger is there to look again
  useEffect(() => {
    if (!canUseDevices()) return undefined;
    let gone = false;
    const look = () => {
      listDevices().then(
        (found) => {
          if (!gone) setDevices(found);
        },
        (error: unknown) => console.debug('Plenum could not list the devices', error),
      );
    };
    look();
    navigator.mediaDevices.addEventListener('devicechange', look);
    return () => {
      gone = true;
      navigator.mediaDevices.removeEventListener('devicechange', look);
    };
  }, [trigger]);
  return devices;
}

export type DeviceKind = 'camera' | 'microphone' | 'speaker';

export interface ChosenDevices {
  readonly camera: string | undefined;
  readonly microphone: string | undefined;
  readonly speaker: string | undefined;
  choose(kind: DeviceKind, deviceId: string): void;
}

/** The devices that somebody chose, remembered for the next meeting. */
export function useChosenDevices(): ChosenDevices {
  const [chosen, setChosen] = useState(() => ({
    camera: readItem('local', 'camera'),
    microphone: readItem('local', 'microphone'),
    speaker: readItem('local', 'speaker'),
  }));
  const choose = useCallback((kind: DeviceKind, deviceId: string) => {
    writeItem('local', kind, deviceId);
    setChosen((now) => ({ ...now, [kind]: deviceId }));
  }, []);
  return { ...chosen, choose };
}

/** Not every browser lets a page choose where its sound goes. */
export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
