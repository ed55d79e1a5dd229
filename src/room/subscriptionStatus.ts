import type { SubscriptionStatus } from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import type { MediaConsumer } from './ports.ts';
import type { HoldReason } from './Subscription.ts';

export interface SubscriptionStateReport {
  publicationId: string;
  status: SubscriptionStatus;
  spatialLayer?: number;
  temporalLayer?: number;
}

/**
 * Pure: why a publication flows to somebody or does not, and in which layers.
 *
 * @param starting whether it has begun to flow a moment ago, so that a picture is on its way
 */
export function statusOf(
  publication: Pick<Publication, 'muted' | 'kind'>,
  consumer: Pick<MediaConsumer, 'state'>,
  isHeld: (reason: HoldReason) => boolean,
  starting: boolean,
): Omit<SubscriptionStateReport, 'publicationId'> {
  const { layers, producerSends } = consumer.state;
  if (isHeld('hidden')) return { status: 'hidden' };
  if (publication.muted) return { status: 'muted' };
  if (isHeld('inaudible')) return { status: 'inaudible' };
  if (isHeld('bandwidth')) return { status: 'bandwidth' };
  if (publication.kind === 'audio') return { status: 'active' };
  if (layers) return { status: 'active', ...layers };
  // Also while the client has yet to build its side: nothing is short then.
  if (starting || isHeld('waiting')) return { status: 'active' };
  // The worker forwards nothing although something arrives: its estimate cannot carry the lowest layer.
  return { status: producerSends ? 'bandwidth' : 'inactive' };
}
