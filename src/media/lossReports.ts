import type { types } from 'mediasoup';
import type { Outages } from './Outages.ts';

/** Of fewer packets, as in a pause, one that is lost says nothing. */
const telling = 20;

export interface LossListener {
  /** Grows when the client is heard from another address. */
  path(): number;
  /** @param ratio share of the stream, 0 to 1, that was lost on the way to this receiver */
  lost(ratio: number): void;
}

/**
 * Follows what the receiver of a sound reports as lost (RTCP receiver reports, RFC 3550, 6.4.2), of which the worker tells
 * by a score that falls. What the publisher's own way has lost is taken off: it says nothing of the receiver's.
 */
export function followLoss(consumer: types.Consumer, outages: Outages, listener: LossListener): void {
  let last = 10;
  let packets = 0;
  let path = listener.path();
  consumer.on('score', async ({ score }) => {
    const worse = score < last && !consumer.paused;
    last = score;
    const stats = worse ? await statsOf(consumer) : undefined;
    if (!stats) return;
    const { sent, received } = stats;
    const count = sent.packetCount - packets;
    packets = sent.packetCount;
    // The first report from another address tells of the time in which nothing came through at all.
    const isOfOutage = path !== listener.path() || outages.isRecent(consumer.producerId);
    path = listener.path();
    if (isOfOutage || count < telling) return;
    // In 256ths, as in the report.
    listener.lost(Math.max(0, sent.fractionLost - (received?.fractionLost ?? 0)) / 256);
  });
}

/** Of the stream as it is sent to the receiver, and as it comes from the publisher. */
async function statsOf(consumer: types.Consumer) {
  try {
    const stats = await consumer.getStats();
    const sent = stats.find(({ type }) => type === 'outbound-rtp');
    return sent && { sent, received: stats.find(({ type }) => type === 'inbound-rtp') };
  } catch {
    // The consumer was closed in the same moment.
    return undefined;
  }
}
