import { z } from 'zod';
import type { Kind, Source } from '../protocol/index.ts';
import type { LocalPublication } from './LocalPublication.ts';
import type { MediaLink } from './MediaLink.ts';
import type { ReceivedLayers, RemotePublication } from './RemotePublication.ts';

interface MediaStats {
  publicationId: string;
  source: Source;
  kind: Kind;
  /** Bits per second of the media, without retransmissions and overhead. */
  bitrate: number;
  /** Pixels; of the largest encoding that is sent. Undefined for audio. */
  width: number | undefined;
  height: number | undefined;
  framesPerSecond: number | undefined;
  /** Share of packets that were lost in the last interval, from 0 to 1. */
  packetsLost: number;
  roundTripTimeMs: number | undefined;
  codec: string | undefined;
}

export interface EncodingStats {
  /** Undefined where there is only one. */
  rid: string | undefined;
  active: boolean;
  bitrate: number;
  width: number | undefined;
  height: number | undefined;
  framesPerSecond: number | undefined;
}

export interface PublicationStats extends MediaStats {
  /** Smallest first. */
  encodings: EncodingStats[];
  /** Why the picture is smaller than it could be: `none`, `cpu`, `bandwidth`, `other`. */
  limitedBy: string | undefined;
}

export interface SubscriptionStats extends MediaStats {
  participantId: string;
  /** Frames decoded since the start; for audio undefined. */
  framesDecoded: number | undefined;
  jitterMs: number | undefined;
  layer: ReceivedLayers | undefined;
}

export interface RoomStats {
  /** Milliseconds since 1970. */
  at: number;
  /** Between this browser and the server. */
  roundTripTimeMs: number | undefined;
  /** What the browser thinks it could send, in bit/s. */
  availableOutgoingBitrate: number | undefined;
  publications: PublicationStats[];
  subscriptions: SubscriptionStats[];
}

/** Those entries of `RTCStatsReport` that are used here (Identifiers for WebRTC's Statistics API). */
const entry = z.object({
  id: z.string(),
  type: z.string(),
  timestamp: z.number(),
  bytesSent: z.number().optional(),
  bytesReceived: z.number().optional(),
  packetsSent: z.number().optional(),
  packetsReceived: z.number().optional(),
  packetsLost: z.number().optional(),
  roundTripTime: z.number().optional(),
  currentRoundTripTime: z.number().optional(),
  availableOutgoingBitrate: z.number().optional(),
  nominated: z.boolean().optional(),
  frameWidth: z.number().optional(),
  frameHeight: z.number().optional(),
  framesPerSecond: z.number().optional(),
  framesDecoded: z.number().optional(),
  jitter: z.number().optional(),
  rid: z.string().optional(),
  active: z.boolean().optional(),
  mimeType: z.string().optional(),
  codecId: z.string().optional(),
  localId: z.string().optional(),
  qualityLimitationReason: z.string().optional(),
});

type Entry = z.output<typeof entry>;

function entries(report: RTCStatsReport | undefined): Entry[] {
  const list: Entry[] = [];
  report?.forEach((value: unknown) => {
    const parsed = entry.safeParse(value);
    if (parsed.success) list.push(parsed.data);
  });
  return list;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

interface Sample {
  at: number;
  bytes: number;
  packets: number;
  lost: number;
}

/** Turns the browser's counters into rates. */
export class StatsCollector {
  #samples = new Map<string, Sample>();
  #next = new Map<string, Sample>();

  async collect(
    link: MediaLink | undefined,
    local: ReadonlyMap<Source, LocalPublication>,
    remote: Iterable<RemotePublication>,
  ): Promise<RoomStats> {
    const [transport, publications, subscriptions] = await Promise.all([
      settle(link?.stats('send')),
      Promise.all(
        [...local.values()].map(async (publication) => ({
          publication,
          list: entries(await settle(publication.stats())),
        })),
      ),
      Promise.all(
        [...remote].map(async (publication) => ({ publication, list: entries(await settle(publication.stats())) })),
      ),
    ]);
    this.#next = new Map();
    const pairs = entries(transport).filter((item) => item.type === 'candidate-pair');
    const pair = pairs.find((item) => item.nominated && item.currentRoundTripTime !== undefined) ?? pairs[0];
    const roundTripTimeMs = milliseconds(pair?.currentRoundTripTime);
    const stats: RoomStats = {
      at: Date.now(),
      roundTripTimeMs,
      availableOutgoingBitrate: pair?.availableOutgoingBitrate,
      publications: publications.flatMap(({ publication, list }) => this.#publication(publication, list)),
      subscriptions: subscriptions.flatMap(({ publication, list }) =>
        this.#subscription(publication, list, roundTripTimeMs),
      ),
    };
    this.#samples = this.#next;
    return stats;
  }

  /** Bits per second and lost share since the last call. */
  #rate(key: string, sample: Sample): { bitrate: number; packetsLost: number } {
    this.#next.set(key, sample);
    const before = this.#samples.get(key);
    const seconds = before ? (sample.at - before.at) / 1000 : 0;
    if (!before || seconds <= 0) return { bitrate: 0, packetsLost: 0 };
    const lost = Math.max(0, sample.lost - before.lost);
    const packets = Math.max(0, sample.packets - before.packets);
    return {
      bitrate: Math.max(0, Math.round(((sample.bytes - before.bytes) * 8) / seconds)),
      packetsLost: lost + packets > 0 ? Math.min(1, lost / (lost + packets)) : 0,
    };
  }

  #publication(publication: LocalPublication, list: readonly Entry[]): PublicationStats[] {
    const { publicationId, source, kind } = publication;
    if (publicationId === undefined) return [];
    const sent = list.filter((item) => item.type === 'outbound-rtp');
    const remote = list.filter((item) => item.type === 'remote-inbound-rtp');
    const rated = sent
      .map((item) => {
        const lost = remote.find((other) => other.localId === item.id)?.packetsLost ?? 0;
        const { timestamp: at, bytesSent: bytes = 0, packetsSent = 0 } = item;
        // What was sent includes what was lost.
        const rate = this.#rate(`${publicationId} ${item.id}`, { at, bytes, packets: packetsSent - lost, lost });
        return { item, rate };
      })
      .sort((a, b) => (a.item.rid ?? '').localeCompare(b.item.rid ?? ''));
    const encodings = rated.map(({ item, rate }) => ({
      rid: item.rid,
      active: item.active ?? true,
      bitrate: rate.bitrate,
      width: item.frameWidth,
      height: item.frameHeight,
      framesPerSecond: item.framesPerSecond,
    }));
    const top = encodings.findLast((encoding) => (encoding.framesPerSecond ?? 0) > 0) ?? encodings.at(-1);
    return [
      {
        publicationId,
        source,
        kind,
        bitrate: encodings.reduce((sum, encoding) => sum + encoding.bitrate, 0),
        width: top?.width,
        height: top?.height,
        framesPerSecond: top?.framesPerSecond,
        packetsLost: Math.max(0, ...rated.map(({ rate }) => rate.packetsLost)),
        roundTripTimeMs: milliseconds(remote[0]?.roundTripTime),
        codec: codecOf(list, sent[0]),
        encodings,
        limitedBy: sent.at(-1)?.qualityLimitationReason,
      },
    ];
  }

  #subscription(
    publication: RemotePublication,
    list: readonly Entry[],
    roundTripTimeMs: number | undefined,
  ): SubscriptionStats[] {
    const { publicationId, source, kind, participant, layers } = publication;
    const received = list.find((item) => item.type === 'inbound-rtp');
    if (!received) return [];
    const { timestamp: at, bytesReceived: bytes = 0, packetsReceived: packets = 0, packetsLost: lost = 0 } = received;
    return [
      {
        publicationId,
        participantId: participant.participantId,
        source,
        kind,
        ...this.#rate(`${publicationId} ${received.id}`, { at, bytes, packets, lost }),
        width: received.frameWidth,
        height: received.frameHeight,
        framesPerSecond: received.framesPerSecond,
        framesDecoded: received.framesDecoded,
        jitterMs: milliseconds(received.jitter),
        roundTripTimeMs,
        codec: codecOf(list, received),
        layer: layers,
      },
    ];
  }
}

/** Nothing instead of an error: a publication that ends while it is asked is no failure. */
async function settle<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

function codecOf(list: readonly Entry[], stream: Entry | undefined): string | undefined {
  const codec = list.find((item) => item.type === 'codec' && item.id === stream?.codecId);
  return codec?.mimeType?.split('/')[1]?.toLowerCase();
}
