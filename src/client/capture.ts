import { PlenumError } from '../protocol/index.ts';
import { toDeviceError } from './errors.ts';

export interface CameraOptions {
  /** This very device; without it the browser's choice. */
  deviceId?: string;
  /** Wanted width in pixels; default 1280. The camera gives what comes nearest. */
  width?: number;
  /** Wanted height in pixels; default 720. */
  height?: number;
}

export interface MicrophoneOptions {
  /** This very device; without it the browser's choice. */
  deviceId?: string;
}

export interface ScreenOptions {
  /** Also the sound of the screen or tab, where the browser gives it; default false. */
  audio?: boolean;
}

function mediaDevices(): MediaDevices {
  // Missing on pages without https, whatever the declaration says.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices) return devices;
  throw new PlenumError(
    'permission-denied',
    'Browsers give cameras and microphones to https pages and localhost only.',
  );
}

async function capture(constraints: MediaStreamConstraints, device: string): Promise<MediaStreamTrack> {
  try {
    const stream = await mediaDevices().getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (!track) throw new PlenumError('device-not-found', `There is no such ${device}.`);
    return track;
  } catch (error) {
    throw toDeviceError(error, device);
  }
}

function exactly(deviceId: string | undefined): { deviceId?: ConstrainDOMString } {
  return deviceId ? { deviceId: { exact: deviceId } } : {};
}

/**
 * Starts a camera at 30 frames per second.
 * @throws PlenumError `permission-denied`, `device-not-found`, `device-in-use`
 */
export async function captureCamera(options: CameraOptions = {}): Promise<MediaStreamTrack> {
  const { deviceId, width = 1280, height = 720 } = options;
  const video = { ...exactly(deviceId), width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
  return capture({ video }, 'camera');
}

/**
 * Starts a microphone, with echo cancellation, noise suppression and gain control.
 * @throws PlenumError `permission-denied`, `device-not-found`, `device-in-use`
 */
export async function captureMicrophone(options: MicrophoneOptions = {}): Promise<MediaStreamTrack> {
  const audio = {
    ...exactly(options.deviceId),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  };
  return capture({ audio }, 'microphone');
}

/** Tracks of shared screens; not every browser tells of a sound that it comes from one. */
const shared = new WeakSet<MediaStreamTrack>();

/**
 * Asks the person for a screen, window or tab. The video track comes first; an audio track follows where it was wanted
 * and the browser gives it. To be called while the browser handles a click or a key.
 * @throws PlenumError `permission-denied` (also when the person closes the dialog), `device-not-found`
 */
export async function captureScreen(options: ScreenOptions = {}): Promise<MediaStreamTrack[]> {
  try {
    const audio = options.audio
      ? // Processing made for speech spoils music.
        { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 2 } }
      : false;
    const stream = await mediaDevices().getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio });
    const tracks = [...stream.getVideoTracks(), ...stream.getAudioTracks()];
    for (const track of tracks) shared.add(track);
    for (const track of stream.getVideoTracks()) track.contentHint = 'detail';
    return tracks;
  } catch (error) {
    throw toDeviceError(error, 'screen');
  }
}

export interface DeviceList {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

/** What is plugged in. Labels and ids are empty until the person has allowed a device of the kind. */
export async function listDevices(): Promise<DeviceList> {
  const devices = await mediaDevices().enumerateDevices();
  const ofKind = (kind: MediaDeviceKind) => devices.filter((device) => device.kind === kind);
  return { cameras: ofKind('videoinput'), microphones: ofKind('audioinput'), speakers: ofKind('audiooutput') };
}

/**
 * Whether a track comes from a camera or microphone. Tracks of a canvas, of Web Audio or of another connection belong to
 * no group of devices (Media Capture and Streams, `groupId`), and cannot be captured again.
 */
export function isDeviceTrack(track: MediaStreamTrack): boolean {
  return Boolean(track.getSettings().groupId);
}

/** Settings that only tracks of `getDisplayMedia()` have (Screen Capture, 5.4). */
const screenSettings = ['displaySurface', 'restrictOwnAudio', 'suppressLocalAudioPlayback'];

/** Whether a track comes from a camera, a microphone or a shared screen: the browser shows that those are in use. */
export function isCaptured(track: MediaStreamTrack): boolean {
  const settings = track.getSettings();
  return shared.has(track) || isDeviceTrack(track) || screenSettings.some((name) => name in settings);
}
