import { LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

const room = 'one-to-many';

/** Plenum with all that it does by default. */
export const startPlenum: StartForwarder = async (context, count) => {
  const server = await BenchServer.start({ config: { maxParticipants: count + 1 } });
  const join = async (identity: string) =>
    LoadParticipant.join(context, { url: server.url, token: await server.token(room, identity), roster: false });
  const publisher = await join('publisher');
  const { publicationId, sender } = await publisher.publishVideo();
  const subscribers = await inBatches(count, 10, async (index) => {
    const subscriber = await join(`subscriber-${index}`);
    await subscriber.setView({ videos: [{ publicationId, width: 1280, height: 720, priority: 1 }] });
    return subscriber;
  });
  sender.stop();
  return {
    name: 'Plenum',
    publisher: sender,
    subscribers: subscribers.map(({ recv }) => recv),
    watchCpu: () => {
      const used = server.watchCpu();
      return () => {
        const { node, workers } = used();
        return node + workers;
      };
    },
    close: async () => {
      await Promise.all([publisher, ...subscribers].map((participant) => participant.close()));
      await server.close();
    },
  };
};
