import { z } from 'zod';
import { type ApiOperation, inRoom, noBody, noQuery, ofParticipant } from './apiOperation.ts';
import { subscriptionStatus } from './notices.ts';
import { connectionQuality, id, kind, source } from './shapes.ts';

const bitrate = z.number().min(0).describe('Bits per second, lately.');
const count = z.number().min(0);
const lossRatio = z.number().min(0).max(1).describe('Of the packets lately, 0 to 1.');

const stream = z
  .object({
    bitrate,
    packets: count.describe('Since it began.'),
    packetsLost: count.describe('Since it began, as its receiver counts them.'),
    lossRatio,
    roundTripMs: z.number().optional().describe('Absent until it has been measured.'),
    score: z.number().min(0).max(10).describe('0: nothing arrives; 10: all arrives.'),
  })
  .meta({ id: 'StreamStats' });

const way = z.object({ bitrate, bytes: count.describe('Since it began.'), lossRatio: lossRatio.optional() });

const transport = z
  .object({
    incoming: way.describe('From the client to the server.'),
    outgoing: way.describe('From the server to the client.'),
    estimate: count.optional().describe('Bits per second that the client can take, as far as that is measured.'),
    protocol: z.enum(['udp', 'tcp']).optional().describe('Absent until there is a connection.'),
  })
  .meta({ id: 'TransportStats' });

const participantStats = z
  .object({
    participantId: id,
    connection: connectionQuality,
    sending: transport.optional().describe('Over which it publishes; absent while its media move to another worker.'),
    receiving: transport.optional().describe('Over which it receives; absent while its media move to another worker.'),
    publications: z.array(
      z.object({
        publicationId: id,
        source,
        kind,
        codec: z.string(),
        muted: z.boolean(),
        streams: z.array(stream).describe('One of each encoding that has arrived, the smallest first.'),
      }),
    ),
    subscriptions: z.array(
      z.object({
        publicationId: id,
        status: subscriptionStatus,
        spatialLayer: z.int().optional().describe('0 is the lowest; absent while nothing flows and for audio.'),
        temporalLayer: z.int().optional(),
        stream: stream.optional().describe('Absent where nothing was sent yet.'),
      }),
    ),
  })
  .meta({ id: 'ParticipantStats' });

const roomStats = z
  .object({
    participants: count,
    connections: z
      .object({ good: count, poor: count, lost: count })
      .describe('How many participants have such a connection.'),
    publications: count,
    subscriptions: count.describe(
      'Tracks on their way to participants, also those of which no packets flow right now.',
    ),
    bitrateIn: bitrate.describe('From all participants together, in bits per second.'),
    bitrateOut: bitrate.describe('To all participants together, in bits per second.'),
  })
  .meta({ id: 'RoomStats' });

export type ApiParticipantStats = z.output<typeof participantStats>;
export type ApiRoomStats = z.output<typeof roomStats>;

const read = { area: 'stats', access: 'read' } as const;

export const statsOperations = {
  readRoomStats: {
    summary: 'Statistics of a room',
    doc: 'As they are, or were a second ago.',
    method: 'GET',
    path: '/rooms/:room/stats',
    right: read,
    // Its workers are asked for each connection.
    weight: 10,
    params: inRoom,
    query: noQuery,
    body: noBody,
    status: 200,
    answer: roomStats,
    errors: ['not-found'],
  },
  readParticipantStats: {
    summary: 'Statistics of a participant',
    doc: 'What its worker has counted of what it sends and receives, or had a second ago.',
    method: 'GET',
    path: '/rooms/:room/participants/:participantId/stats',
    right: read,
    // Its worker is asked for each track.
    weight: 5,
    params: ofParticipant,
    query: noQuery,
    body: noBody,
    status: 200,
    answer: participantStats,
    errors: ['not-found'],
  },
} as const satisfies Record<string, ApiOperation>;
