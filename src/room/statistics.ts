import type { ConnectionQuality, Kind, Source, SubscriptionStatus } from '../protocol/index.ts';
import type { StreamStats, TransportStats } from './mediaStats.ts';
import type { Participant } from './Participant.ts';
import type { MediaTransport } from './ports.ts';
import { statusOf } from './subscriptionStatus.ts';

export interface PublicationStats {
  publicationId: string;
  source: Source;
  kind: Kind;
  codec: string;
  muted: boolean;
  /** One of each encoding that has arrived, the smallest first. */
  streams: StreamStats[];
}

export interface SubscriptionStats {
  publicationId: string;
  status: SubscriptionStatus;
  /** Effective layers, 0 the lowest; absent while nothing flows and for audio. */
  spatialLayer?: number;
  temporalLayer?: number;
  /** Absent where nothing was sent yet. */
  stream?: StreamStats;
}

export interface ParticipantStats {
  participantId: string;
  connection: ConnectionQuality;
  /** Of the transports over which it sends and receives; absent while its media move to another worker. */
  sending?: TransportStats;
  receiving?: TransportStats;
  publications: PublicationStats[];
  subscriptions: SubscriptionStats[];
}

/** What the worker has counted of one participant. */
export async function statisticsOf(participant: Participant): Promise<ParticipantStats> {
  const { participantId, info, publications, subscriptions } = participant;
  const [sending, receiving, sent, received] = await Promise.all([
    transportOf(participant, participant.sendTransport),
    transportOf(participant, participant.recvTransport),
    Promise.all(
      publications.map(async ({ publicationId, source, kind, muted, producer }) => {
        return { publicationId, source, kind, muted, codec: producer.codec, streams: await producer.stats() };
      }),
    ),
    Promise.all(
      subscriptions.all.map(async (subscription) => {
        const { publication, consumer } = subscription;
        if (!consumer) return undefined;
        const stream = await consumer.stats();
        const status = statusOf(publication, consumer, (reason) => subscription.isHeld(reason), false);
        return { publicationId: publication.publicationId, ...status, ...(stream && { stream }) };
      }),
    ),
  ]);
  return {
    participantId,
    connection: info.connection,
    ...(sending && { sending }),
    ...(receiving && { receiving }),
    publications: sent,
    subscriptions: received.filter((each) => each !== undefined),
  };
}

export interface RoomStats {
  participants: number;
  /** How many have a good, a poor or a lost connection. */
  connections: Record<ConnectionQuality, number>;
  publications: number;
  /** Tracks on their way to participants, those included of which no packets flow right now. */
  subscriptions: number;
  /** Bits per second from all participants together, lately. */
  bitrateIn: number;
  bitrateOut: number;
}

/** Of all together, by what the worker has counted of each connection. */
export async function sumOf(participants: readonly Participant[]): Promise<RoomStats> {
  const sum: RoomStats = {
    participants: participants.length,
    connections: { good: 0, poor: 0, lost: 0 },
    ...{ publications: 0, subscriptions: 0, bitrateIn: 0, bitrateOut: 0 },
  };
  const transports = participants.map(async (participant) => {
    sum.connections[participant.info.connection] += 1;
    sum.publications += participant.publications.length;
    sum.subscriptions += participant.subscriptions.all.filter(({ consumer }) => consumer).length;
    return Promise.all([
      transportOf(participant, participant.sendTransport),
      transportOf(participant, participant.recvTransport),
    ]);
  });
  for (const stats of (await Promise.all(transports)).flat()) {
    sum.bitrateIn += stats?.incoming.bitrate ?? 0;
    sum.bitrateOut += stats?.outgoing.bitrate ?? 0;
  }
  return sum;
}

async function transportOf({ interrupted }: Participant, transport: MediaTransport) {
  return interrupted ? undefined : transport.stats();
}
