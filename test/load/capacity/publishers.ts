import type { RtpParameters, TransportInfo } from '../../../src/protocol/index.ts';
import { createContext } from '../meeting/LoadMeeting.ts';
import { Sender } from '../sending/Sender.ts';
import { VideoSender } from '../sending/VideoSender.ts';
import { MediaConnection } from '../transport/MediaConnection.ts';

/** The publishers of main.ts, in a process of their own: what they cost is not the cost of receiving. */

export interface PublishersReady {
  fingerprint: string;
}

export interface Published {
  rtpParameters: RtpParameters;
}

const context = await createContext();
const { certificate } = context;

async function publish(info: TransportInfo): Promise<void> {
  const media = new MediaConnection(info, { certificate, local: true });
  const camera = new VideoSender(media, context.ticker, context.recordings.videos);
  process.send?.({ rtpParameters: camera.publishParams.rtpParameters } satisfies Published);
  await media.connect();
  new Sender(media).addVideo(camera);
}

process.on('message', (info: TransportInfo) => void publish(info));
process.on('disconnect', () => process.exit());
process.send?.({ fingerprint: certificate.fingerprint } satisfies PublishersReady);
