import { Histogram } from '../../../load/Histogram.ts';
import { RawPeer } from '../../raw/RawPeer.ts';
import { RawServer } from '../../raw/RawServer.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

/** mediasoup alone. */
export const startRaw: StartForwarder = async (context, crowd) => {
  const latency = new Histogram();
  const server = await RawServer.start();
  const publishers = await inBatches(crowd.publishers, 10, async () => {
    const peer = await RawPeer.connect(server, context);
    return { peer, ...(await peer.publishVideo()) };
  });
  const subscribers = await inBatches(crowd.subscribers, 10, async () => {
    const subscriber = await RawPeer.connect(server, context, latency);
    for (const { producerId } of publishers) await subscriber.consume(producerId);
    return subscriber;
  });
  for (const { sender } of publishers) sender.stop();
  return {
    name: 'mediasoup alone',
    publishers: publishers.map(({ sender }) => sender),
    latency,
    subscribers,
    watchCpu: () => server.watchCpu(),
    close: async () => {
      for (const peer of [...publishers.map(({ peer }) => peer), ...subscribers]) peer.close();
      await server.close();
    },
  };
};
