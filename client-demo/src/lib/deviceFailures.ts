import { codeOf, type Failure } from './failures.ts';

export type Device = 'camera' | 'microphone';

/** Cameras and microphones exist only on pages that came over https, or from this very machine. */
export function canUseDevices(): boolean {
  // Typed as always there, but missing on insecure origins.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  return window.isSecureContext && typeof devices?.getUserMedia === 'function';
}

export function canShareScreen(): boolean {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  return typeof devices?.getDisplayMedia === 'function';
}

export const insecureOrigin: Failure = {
  code: 'insecure-origin',
  title: 'Camera and microphone need a secure page',
  help: 'Browsers allow them only over https or on localhost. Open this page with https:// to be seen and heard; you can watch, listen and chat as it is.',
};

export function deviceFailure(device: Device, error: unknown): Failure {
  if (!canUseDevices()) return insecureOrigin;
  const code = codeOf(error);
  const words = deviceWords[code]?.(device);
  if (words !== undefined) return { code, ...words };
  const message = error instanceof Error ? error.message : String(error);
  return { code, title: `The ${device} did not start`, help: `The browser said: ${message}` };
}

const deviceWords: Readonly<Record<string, (device: Device) => Omit<Failure, 'code'>>> = {
  'permission-denied': (device) => ({
    title: `The ${device} is blocked`,
    help: `Click the icon at the left of the address bar, allow the ${device}, and try again. If it is allowed there, look in your system’s privacy settings.`,
  }),
  'device-not-found': (device) => ({
    title: `No ${device} found`,
    help: `Plug one in, or join without: you can turn it on later.`,
  }),
  'device-in-use': (device) => ({
    title: `The ${device} is in use`,
    help: `Another program or tab has it. Close that one and try again.`,
  }),
  timeout: (device) => ({
    title: `The ${device} does not answer`,
    help: 'Unplug it and plug it in again, or choose another one.',
  }),
};

/** Camera and microphone often fail together and for the same reason: say it once. */
export function mergeFailures(failures: readonly Failure[]): Failure[] {
  const distinct = [...new Map(failures.map((failure) => [failure.title, failure])).values()];
  const [first, second] = distinct;
  const together = first !== undefined && first.code === second?.code ? bothWords[first.code] : undefined;
  return first !== undefined && together !== undefined ? [{ code: first.code, ...together }] : distinct;
}

const bothWords: Readonly<Record<string, Omit<Failure, 'code'>>> = {
  'permission-denied': {
    title: 'Camera and microphone are blocked',
    help: 'Click the icon at the left of the address bar, allow both, and try again. If they are allowed there, look in your system’s privacy settings.',
  },
  'device-not-found': {
    title: 'No camera and no microphone found',
    help: 'Plug them in, or join without: you can turn them on later.',
  },
  'device-in-use': {
    title: 'Camera and microphone are in use',
    help: 'Another program or tab has them. Close that one and try again.',
  },
};

/** For a share that did not start; undefined when the person just closed the browser's own dialog. */
export function screenFailure(error: unknown): Failure | undefined {
  const code = codeOf(error);
  if (code === 'permission-denied' || code === 'aborted') return undefined;
  const message = error instanceof Error ? error.message : String(error);
  return { code, title: 'The screen could not be shared', help: message };
}
