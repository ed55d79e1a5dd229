import type { SubscriptionStatus } from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import type { MediaConsumer } from './ports.ts';

/** Pure: why a publication flows to somebody or does not, and in which layers. */
export function statusOf(
  publication: Pick<Publication, 'muted' | 'kind'>,
  consumer: Pick<MediaConsumer, 'state'>,
): { status: SubscriptionStatus; spatialLayer?: number; temporalLayer?: number } {
  const { layers, producerSends } = consumer.state;
  if (publication.muted) return { status: 'muted' };
  if (publication.kind === 'audio') return { status: 'active' };
  if (layers) return { status: 'active', ...layers };
  // The worker forwards nothing although something arrives: its estimate cannot carry the lowest layer.
  return { status: producerSends ? 'bandwidth' : 'inactive' };
}
