import type { types } from 'mediasoup';
import {
  type DtlsParameters,
  type IceParameters,
  PlenumError,
  type RtpCapabilities,
  type TransportInfo,
} from '../protocol/index.ts';

/** mediasoup's objects as the protocol's shapes, and its errors as Plenum's. */

export function transportInfo(transport: types.WebRtcTransport): TransportInfo {
  return {
    transportId: transport.id,
    iceParameters: iceParameters(transport.iceParameters),
    iceCandidates: transport.iceCandidates,
    dtlsParameters: transport.dtlsParameters,
    sctpParameters: transport.sctpParameters,
  };
}

export function iceParameters({ usernameFragment, password, iceLite }: types.IceParameters): IceParameters {
  return { usernameFragment, password, iceLite };
}

/** The worker compares fingerprints letter by letter with upper case; browsers give either (RFC 8122 allows both). */
export function toMediasoupDtls({ role, fingerprints }: DtlsParameters): types.DtlsParameters {
  return {
    role,
    fingerprints: fingerprints.map(({ algorithm, value }) => ({ algorithm, value: value.toUpperCase() })),
  };
}

/** mediasoup narrows header extension URIs to those it knows; an unknown one is ignored by it, not harmful. */
export function toMediasoupCapabilities(capabilities: RtpCapabilities): types.RtpCapabilities {
  return capabilities as types.RtpCapabilities;
}

export function codecName(mimeType: string): string {
  return mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase();
}

/**
 * What mediasoup throws when the client's parameters are at fault: TypeError from its Node checks, UnsupportedError
 * from its ORTC matching. The rest is the server's fault.
 */
export function clientFault(error: unknown, what: string): PlenumError {
  if (error instanceof PlenumError) return error;
  const fromClient = error instanceof TypeError || (error instanceof Error && error.name === 'UnsupportedError');
  if (fromClient) return new PlenumError('unsupported', `${what}: ${error.message}`, { cause: error });
  return new PlenumError('internal', `${what} failed on the server`, { cause: error });
}

/**
 * What a worker throws that cannot make one thing more: descriptors, ports or memory are exhausted, or the process is
 * gone. Another worker may be able to.
 */
export function workerRefused(error: unknown, what: string): PlenumError {
  if (error instanceof PlenumError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const help = /too many open files/.test(reason)
    ? 'raise the limit of open files (ulimit -n) for the server'
    : 'try again in a moment';
  return new PlenumError('server-full', `${what}: the media worker refuses (${reason}); ${help}`, { cause: error });
}
