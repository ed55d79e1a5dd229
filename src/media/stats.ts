import type { types } from 'mediasoup';
import type { StreamStats, TransportStats } from '../room/mediaStats.ts';

/** What the worker counts, in the words of the domain. */

type Counted = types.BaseRtpStreamStats & { packetCount: number; bitrate: number };

export function streamStats(stat: Counted): StreamStats {
  const { bitrate, packetCount, packetsLost, fractionLost, roundTripTime, score } = stat;
  return {
    bitrate,
    packets: packetCount,
    // More packets than expected, as after retransmissions, would be less than none lost.
    packetsLost: Math.max(0, packetsLost),
    // RFC 3550, 6.4.1: in 256ths.
    lossRatio: fractionLost / 256,
    ...(roundTripTime !== undefined && roundTripTime > 0 && { roundTripMs: roundTripTime }),
    score,
  };
}

export function transportStats(stat: types.WebRtcTransportStat): TransportStats {
  const { bytesReceived, recvBitrate, bytesSent, sendBitrate, availableOutgoingBitrate } = stat;
  const { rtpPacketLossReceived, rtpPacketLossSent, iceSelectedTuple } = stat;
  return {
    incoming: {
      ...{ bitrate: recvBitrate, bytes: bytesReceived },
      ...(rtpPacketLossReceived !== undefined && { lossRatio: rtpPacketLossReceived }),
    },
    outgoing: {
      ...{ bitrate: sendBitrate, bytes: bytesSent },
      ...(rtpPacketLossSent !== undefined && { lossRatio: rtpPacketLossSent }),
    },
    ...(availableOutgoingBitrate !== undefined && { estimate: availableOutgoingBitrate }),
    ...(iceSelectedTuple && { protocol: iceSelectedTuple.protocol }),
  };
}

/** What somebody who has just gone would have counted is nobody's fault. */
export async function unlessClosed<T>(
  object: { readonly closed: boolean },
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return object.closed ? undefined : await ask();
  } catch (error) {
    if (object.closed) return undefined;
    throw error;
  }
}
