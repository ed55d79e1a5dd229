import { Histogram } from '../../../load/Histogram.ts';
import { RawPeer } from '../../raw/RawPeer.ts';
import { RawServer } from '../../raw/RawServer.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

/** mediasoup alone. */
export const startRaw: StartForwarder = async (context, count) => {
  const latency = new Histogram();
  const server = await RawServer.start();
  const publisher = await RawPeer.connect(server, context);
  const { producerId, sender } = await publisher.publishVideo();
  const subscribers = await inBatches(count, 10, async () => {
    const subscriber = await RawPeer.connect(server, context, latency);
    await subscriber.consume(producerId);
    return subscriber;
  });
  sender.stop();
  return {
    name: 'mediasoup alone',
    publisher: sender,
    latency,
    subscribers,
    watchCpu: () => server.watchCpu(),
    close: async () => {
      for (const peer of [publisher, ...subscribers]) peer.close();
      await server.close();
    },
  };
};
