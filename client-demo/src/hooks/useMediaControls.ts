import { useCallback, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type Device, deviceFailure, screenFailure } from '../lib/deviceFailures.ts';
import type { ChosenDevices } from './useDevices.ts';
import { useNotices } from './useNotices.tsx';

export interface MediaControl {
  readonly on: boolean;
  readonly busy: boolean;
  toggle(): void;
}

export interface MediaControls {
  readonly camera: MediaControl;
  readonly microphone: MediaControl;
  readonly screen: MediaControl;
}

type Source = Device | 'screen';

/** The switches of the own camera, microphone and screen. What is on is read from the room, never remembered here. */
export function useMediaControls(room: Room, chosen: ChosenDevices): MediaControls {
  const { tell } = useNotices();
  const [busy, setBusy] = useState<ReadonlySet<Source>>(new Set());
  const running = useRef(new Set<Source>());

  const isOn = (source: Source) => {
    const publication = room.local?.publications.get(source);
    return publication !== undefined && !publication.muted;
  };

  const change = useCallback(
    async (source: Source, on: boolean, deviceId: string | undefined) => {
      // A second click while the device is still opening would ask for it twice. Off is at once, whenever the server
      // hears of it, and holds up no other click.
      if (on && running.current.has(source)) return;
      if (on) running.current.add(source);
      setBusy(new Set(running.current));
      try {
        if (source === 'screen') await room.setScreenShareEnabled(on, { audio: true });
        else await setDevice(room, source, on, deviceId);
      } catch (error) {
        const failure = source === 'screen' ? screenFailure(error) : deviceFailure(source, error);
        if (failure !== undefined) tell('trouble', failure.title, failure.help);
      } finally {
        if (on) running.current.delete(source);
        setBusy(new Set(running.current));
      }
    },
    [room, tell],
  );

  const control = (source: Source, deviceId: string | undefined): MediaControl => ({
    on: isOn(source),
    busy: busy.has(source),
    toggle: () => void change(source, !isOn(source), deviceId),
  });

  return {
    camera: control('camera', chosen.camera),
    microphone: control('microphone', chosen.microphone),
    screen: control('screen', undefined),
  };
}

async function setDevice(room: Room, device: Device, on: boolean, deviceId: string | undefined): Promise<void> {
  const options = on && deviceId !== undefined ? { deviceId } : {};
  if (device === 'camera') await room.setCameraEnabled(on, options);
  else await room.setMicrophoneEnabled(on, options);
}
