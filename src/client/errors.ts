import { type ErrorCode, PlenumError } from '../protocol/index.ts';

/** Any thrown value as a PlenumError; one that is a PlenumError already is returned as it is. */
export function toPlenumError(error: unknown, code: ErrorCode = 'internal'): PlenumError {
  if (error instanceof PlenumError) return error;
  const message = error instanceof Error && error.message ? error.message : String(error);
  return new PlenumError(code, message, { cause: error });
}

/**
 * What `getUserMedia` and `getDisplayMedia` throw (Media Capture and Streams, 10.2), with the protocol's codes.
 * `device` is how a person calls it, for example "camera".
 */
export function toDeviceError(error: unknown, device: string): PlenumError {
  if (error instanceof PlenumError) return error;
  const name = error instanceof Error ? error.name : '';
  const cause = { cause: error };
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new PlenumError('permission-denied', `The ${device} may not be used: permission was refused.`, cause);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new PlenumError('device-not-found', `There is no such ${device}.`, cause);
    case 'NotReadableError':
    case 'AbortError':
      return new PlenumError('device-in-use', `The ${device} cannot be started; another program may use it.`, cause);
    default:
      return new PlenumError('internal', `The ${device} could not be started.`, cause);
  }
}

/** Errors after which another try may succeed without anybody doing anything. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'disconnected',
  'timeout',
  'draining',
  'server-full',
  'server-busy',
  // The server may still hold the seat of one's own broken connection.
  'room-full',
  'rate-limited',
  'internal',
  'closed',
]);

export function mayPass(error: PlenumError): boolean {
  return passing.has(error.code);
}
