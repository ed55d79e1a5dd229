import type { Config } from '../../../../src/config.ts';
import { Histogram } from '../../../load/Histogram.ts';
import { LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { inBatches, type StartForwarder } from './Forwarder.ts';

const room = 'one-to-many';

/** Plenum with all that it does by default, and options that differ. */
export const startPlenumWith =
  (name: string, config: Partial<Config>): StartForwarder =>
  async (context, count) => {
    const latency = new Histogram();
    const server = await BenchServer.start({ config: { maxParticipants: count + 1, ...config } });
    const join = async (identity: string) =>
      LoadParticipant.join(context, {
        url: server.url,
        token: await server.token(room, identity),
        roster: false,
        latency,
      });
    const publisher = await join('publisher');
    const { publicationId, sender } = await publisher.publishVideo();
    const subscribers = await inBatches(count, 10, async (index) => {
      const subscriber = await join(`subscriber-${index}`);
      await subscriber.setView({ videos: [{ publicationId, width: 1280, height: 720, priority: 1 }] });
      return subscriber;
    });
    sender.stop();
    return {
      name,
      publisher: sender,
      latency,
      subscribers,
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

export const startPlenum = startPlenumWith('Plenum', { workers: 1 });
