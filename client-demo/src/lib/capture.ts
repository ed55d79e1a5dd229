import { captureCamera, captureMicrophone } from '../../../src/client/index.ts';
import type { Device } from './deviceFailures.ts';
import { codeOf } from './failures.ts';

/** Opens a device; the remembered one if it is there, else the browser's choice. */
export async function capture(device: Device, deviceId: string | undefined): Promise<MediaStreamTrack> {
  const open = device === 'camera' ? captureCamera : captureMicrophone;
  if (deviceId === undefined) return open({});
  try {
    return await open({ deviceId });
  } catch (error) {
    if (codeOf(error) !== 'device-not-found') throw error;
    return open({});
  }
}

/** Devices on their way into a meeting; they may still wait for a permission. */
export interface TakenMedia {
  readonly camera: Promise<MediaStreamTrack> | undefined;
  readonly microphone: Promise<MediaStreamTrack> | undefined;
}

/** Opens what is wanted, at once, so that it is ready about when the room is. */
export function startMedia(wanted: {
  readonly camera: { readonly on: boolean; readonly deviceId: string | undefined };
  readonly microphone: { readonly on: boolean; readonly deviceId: string | undefined };
}): TakenMedia {
  const media: TakenMedia = {
    camera: wanted.camera.on ? capture('camera', wanted.camera.deviceId) : undefined,
    microphone: wanted.microphone.on ? capture('microphone', wanted.microphone.deviceId) : undefined,
  };
  // A refusal is reported by whoever takes the media; until then it must not count as unhandled.
  for (const pending of [media.camera, media.microphone]) pending?.catch(() => undefined);
  return media;
}

export function stopMedia(media: TakenMedia): void {
  for (const pending of [media.camera, media.microphone]) {
    pending?.then(
      (track) => track.stop(),
      () => undefined,
    );
  }
}
