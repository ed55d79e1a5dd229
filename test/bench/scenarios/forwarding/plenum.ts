import type { Config } from '../../../../src/config.ts';
import { Histogram } from '../../../load/Histogram.ts';
import { LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

const room = 'one-to-many';

/** Plenum with all that it does by default, and options that differ. */
export const startPlenumWith =
  (name: string, config: Partial<Config>): StartForwarder =>
  async (context, crowd) => {
    const latency = new Histogram();
    const server = await BenchServer.start({
      config: { maxParticipants: crowd.publishers + crowd.subscribers, ...config },
    });
    const join = async (identity: string) =>
      LoadParticipant.join(context, {
        url: server.url,
        token: await server.token(room, identity),
        roster: false,
        latency,
      });
    const publishers = await inBatches(crowd.publishers, 10, async (index) => {
      const participant = await join(`publisher-${index}`);
      return { participant, ...(await participant.publishVideo()) };
    });
    const videos = publishers.map(({ publicationId }) => ({ publicationId, width: 1280, height: 720, priority: 1 }));
    const subscribers = await inBatches(crowd.subscribers, 10, async (index) => {
      const subscriber = await join(`subscriber-${index}`);
      await subscriber.setView({ videos });
      return subscriber;
    });
    for (const { sender } of publishers) sender.stop();
    return {
      name,
      publishers: publishers.map(({ sender }) => sender),
      latency,
      subscribers,
      watchCpu: () => server.watchCpu(),
      close: async () => {
        await Promise.all(
          [...publishers.map(({ participant }) => participant), ...subscribers].map((each) => each.close()),
        );
        await server.close();
      },
    };
  };

export const startPlenum = startPlenumWith('Plenum', { workers: 1 });
