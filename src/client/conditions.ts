import type { Notice } from '../protocol/index.ts';
import type { Hub } from './Hub.ts';
import type { LocalParticipant } from './LocalParticipant.ts';
import type { Roster } from './Roster.ts';

/** How good connections are: others', and one's own. */
export function applyQuality(
  connections: Notice<'quality'>['connections'],
  { roster, local, hub }: { roster: Roster; local: LocalParticipant | undefined; hub: Hub },
): void {
  for (const { participantId, quality } of connections) {
    const participant = participantId === local?.participantId ? local : roster.participants.get(participantId);
    if (!participant) continue;
    participant.setConnection(quality);
    hub.emit('participantChanged', participant);
  }
}

/** Why what is wanted flows or does not, and in which layers. */
export function applyStates(states: Notice<'subscriptionState'>['states'], roster: Roster, hub: Hub): void {
  for (const { publicationId, status, spatialLayer, temporalLayer } of states) {
    const publication = roster.publication(publicationId);
    if (!publication) continue;
    const layers = spatialLayer === undefined ? undefined : { spatial: spatialLayer, temporal: temporalLayer ?? 0 };
    publication.setState(status, layers);
    hub.emit('subscriptionChanged', publication);
  }
}
