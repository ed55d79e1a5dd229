import { randomBytes } from 'node:crypto';
import { Histogram } from '../../../load/Histogram.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import { Receiver } from '../../../load/receiving/Receiver.ts';
import type { RtpOutlet } from '../../../load/sending/OutgoingStream.ts';
import { Sender } from '../../../load/sending/Sender.ts';
import { VideoSender } from '../../../load/sending/VideoSender.ts';
import { MediaConnection } from '../../../load/transport/MediaConnection.ts';
import { JanusServer } from '../../janus/JanusServer.ts';
import { JanusSession } from '../../janus/JanusSession.ts';
import { type OwnSide, receivingAnswer, transportOf, videoOffer } from '../../janus/sdp.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

const room = 1;

function ownSide({ certificate }: LoadContext): OwnSide {
  return {
    usernameFragment: randomBytes(4).toString('hex'),
    password: randomBytes(16).toString('hex'),
    fingerprint: certificate.fingerprint,
  };
}

/** Stands for a connection that exists only after the offer, which already names the SSRCs of what it will carry. */
class LateConnection implements RtpOutlet {
  connection: MediaConnection | undefined;

  sendRtp(...packet: Parameters<RtpOutlet['sendRtp']>): Buffer[] | undefined {
    return this.connection?.sendRtp(...packet);
  }

  resendRtp(parts: Buffer[]): void {
    this.connection?.resendRtp(parts);
  }
}

/** @param offered whether this SDP was an offer: who offers is in control (RFC 8445, 6.1.1) */
function connectTo(sdp: string, own: OwnSide, { certificate }: LoadContext, offered: boolean): MediaConnection {
  return new MediaConnection(transportOf(sdp), {
    certificate,
    local: true,
    credentials: { ...own, controlled: offered },
  });
}

async function publish(session: JanusSession, context: LoadContext) {
  const handle = await session.attach();
  const joined = await session.tell(handle, { request: 'join', ptype: 'publisher', room });
  const own = ownSide(context);
  const late = new LateConnection();
  const video = new VideoSender(late, context.ticker, context.recordings.videos);
  const { jsep } = await session.tell(
    handle,
    { request: 'publish', audio: false, video: true },
    { type: 'offer', sdp: videoOffer(own, video.publishParams.rtpParameters) },
  );
  if (!jsep) throw new Error('Janus has not answered the offer');
  const connection = connectTo(jsep.sdp, own, context, false);
  late.connection = connection;
  await connection.connect();
  const sender = new Sender(connection);
  sender.addVideo(video);
  return {
    feed: Number(joined.plugindata?.data.id),
    video,
    close: () => {
      sender.close();
      connection.close();
    },
  };
}

async function subscribe(session: JanusSession, context: LoadContext, feed: number, latency: Histogram) {
  const handle = await session.attach();
  const { jsep: offer } = await session.tell(handle, {
    request: 'join',
    ptype: 'subscriber',
    room,
    streams: [{ feed }],
  });
  if (!offer) throw new Error('Janus has made no offer');
  const own = ownSide(context);
  const { sdp, rtpParameters } = receivingAnswer(own, offer.sdp);
  const connection = connectTo(offer.sdp, own, context, true);
  const receiver = new Receiver(connection, latency);
  receiver.add({
    subscriptionId: String(handle),
    publicationId: String(feed),
    participantId: String(feed),
    kind: 'video',
    rtpParameters,
    waiting: false,
    muted: false,
  });
  // Janus takes the credentials from the answer, and the checks must not come before them.
  await session.tell(handle, { request: 'start' }, { type: 'answer', sdp });
  await connection.connect();
  return {
    recv: connection,
    get receptions() {
      return receiver.receptions;
    },
    close: () => {
      receiver.close();
      connection.close();
    },
  };
}

/** Debian's Janus with its VideoRoom. */
export const startJanus: StartForwarder = async (context, crowd) => {
  if (crowd.publishers !== 1) throw new RangeError('Janus is measured with one publisher');
  const latency = new Histogram();
  const server = await JanusServer.start();
  const session = await JanusSession.open(server.url);
  const creator = await session.attach();
  await session.tell(creator, { request: 'create', room, publishers: 1, bitrate: 0, videocodec: 'vp8' });
  const publisher = await publish(session, context);
  const subscribers = await inBatches(crowd.subscribers, 10, () =>
    subscribe(session, context, publisher.feed, latency),
  );
  publisher.video.stop();
  return {
    name: 'Janus',
    publishers: [publisher.video],
    latency,
    subscribers,
    watchCpu: () => server.watchCpu(),
    close: async () => {
      for (const peer of [publisher, ...subscribers]) peer.close();
      session.close();
      await server.close();
    },
  };
};
