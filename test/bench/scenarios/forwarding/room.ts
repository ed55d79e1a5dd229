import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import type { PreferredLayers } from '../../../../src/room/ports.ts';
import { createContext, LoadMeeting } from '../../../load/meeting/LoadMeeting.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import { RawPeer } from '../../raw/RawPeer.ts';
import { RawServer } from '../../raw/RawServer.ts';
import { type Figure, figure } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { type Cpu, inBatches, pause, settleMs } from './Forwarder.ts';

const publishers = 25;
const view = 9;
const speakers = 3;
const windowMs = 8000;

/** What one measurement has shown: packets that reached participants, and the CPU of server and workers. */
interface Run {
  packets: number;
  cpu: Cpu;
  busy: number;
}

/** Who receives what of whom; participants by their places. */
interface Wish {
  receiver: number;
  sender: number;
  kind: 'audio' | 'video';
}

async function measure(received: () => number, watchCpu: () => () => Cpu): Promise<Run> {
  await pause(settleMs);
  const before = received();
  const loop = performance.eventLoopUtilization();
  const used = watchCpu();
  await pause(windowMs);
  const cpu = used();
  const packets = received() - before;
  if (packets === 0) throw new Error('nothing was received');
  return { packets, cpu, busy: performance.eventLoopUtilization(loop).utilization };
}

/** Plenum: everybody publishes camera and microphone and looks at nine others. */
async function plenum(context: LoadContext, config: Partial<Config>): Promise<{ run: Run; wishes: Wish[] }> {
  const server = await BenchServer.start({ config: { workers: 1, ...config } });
  const token = (room: string, identity: string) => server.token(room, identity);
  const meeting = new LoadMeeting(context, { url: server.url, room: 'all', token, view, spread: true, speakers });
  try {
    await meeting.ramp(Array(publishers).fill('publisher'), 20);
    if (meeting.joined < publishers) throw new Error(`only ${meeting.joined} of ${publishers} could join`);
    const people = meeting.participants.map(({ participant }) => participant);
    const received = () => people.reduce((sum, { recv }) => sum + recv.packetsIn, 0);
    const run = await measure(received, () => server.watchCpu());
    const places = new Map(people.map(({ participantId }, place) => [participantId, place]));
    const wishes = people.flatMap(({ receptions }, receiver) =>
      receptions.flatMap(({ endedAt, subscription: { participantId, kind } }): Wish[] => {
        const sender = places.get(participantId);
        return sender === undefined || endedAt !== undefined ? [] : [{ receiver, sender, kind }];
      }),
    );
    return { run, wishes };
  } finally {
    await meeting.close();
    await server.close();
  }
}

/** mediasoup alone, with the consumers that Plenum had, and publishers that send what is watched. */
async function raw(context: LoadContext, wishes: readonly Wish[], layers: PreferredLayers): Promise<Run> {
  const server = await RawServer.start();
  const peers = await inBatches(publishers, 5, () => RawPeer.connect(server, context));
  try {
    const sent = await inBatches(publishers, 5, async (index) => {
      const peer = peers[index];
      if (!peer) throw new Error('there are fewer participants than publishers');
      const video = await peer.publishVideo();
      video.sender.wantLayers(layers.spatialLayer);
      const audio = await peer.publishAudio();
      if (index < speakers) audio.sender.speak();
      return { video: video.producerId, audio: audio.producerId };
    });
    await Promise.all(
      wishes.map(({ receiver, sender, kind }) => {
        const producerId = sent[sender]?.[kind];
        if (producerId === undefined) throw new Error('a wish for what nobody sends');
        return peers[receiver]?.consume(producerId, kind === 'video' ? layers : undefined);
      }),
    );
    return await measure(
      () => peers.reduce((sum, { recv }) => sum + recv.packetsIn, 0),
      () => server.watchCpu(),
    );
  } finally {
    for (const peer of peers) peer.close();
    await server.close();
  }
}

const total = (runs: readonly Run[], of: (run: Run) => number) => runs.reduce((sum, run) => sum + of(run), 0);
const perCpuSecond = (runs: readonly Run[]) =>
  total(runs, ({ packets }) => packets) / total(runs, ({ cpu }) => cpu.node + cpu.workers);
const perSecond = (runs: readonly Run[], of: (run: Run) => number) =>
  (total(runs, of) * 1000) / (runs.length * windowMs);
const nodeCpu = (runs: readonly Run[]) => perSecond(runs, ({ cpu }) => cpu.node * 1000);
const workerCpu = (runs: readonly Run[]) => perSecond(runs, ({ cpu }) => cpu.workers * 1000);
const packetsPerSecond = (runs: readonly Run[]) => perSecond(runs, ({ packets }) => packets);

/** A whole room with levels, quality, dynacast and top-N audio, beside mediasoup alone with the same consumers. */
export async function wholeRoom({ say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const ours: Run[] = [];
  const alone: Run[] = [];
  // In tiles of a third of a full-HD screen the middle of three layers is received.
  const layers = { spatialLayer: 1, temporalLayer: 2 };
  for (let round = 0; round < 2; round += 1) {
    say(`a room of ${publishers} publishers, view ${view}: Plenum, then mediasoup alone (${round + 1} of 2)`);
    const { run, wishes } = await plenum(context, {});
    ours.push(run);
    alone.push(await raw(context, wishes, layers));
  }
  say('the same with dynacast and top-N audio off');
  const { run: off } = await plenum(context, { dynacast: false, audioSpeakers: 0 });
  const value = perCpuSecond(ours);
  return [
    figure('a room of 25: packets out per CPU-second', value, 'packets', {
      comparedWith: { name: 'mediasoup alone', value: perCpuSecond(alone) },
      aim: { of: 'ratio', is: 'at least', limit: 0.85 },
    }),
    figure('a room of 25: CPU of the worker', workerCpu(ours), 'ms/s', {
      comparedWith: { name: 'mediasoup alone', value: workerCpu(alone) },
    }),
    figure('a room of 25: CPU of Node', nodeCpu(ours), 'ms/s', {
      comparedWith: { name: 'mediasoup alone', value: nodeCpu(alone) },
    }),
    figure('a room of 25: CPU of the worker, beside the features off', workerCpu(ours), 'ms/s', {
      comparedWith: { name: 'dynacast and top-N off', value: workerCpu([off]) },
    }),
    figure('a room of 25: CPU of Node, beside the features off', nodeCpu(ours), 'ms/s', {
      comparedWith: { name: 'dynacast and top-N off', value: nodeCpu([off]) },
    }),
    figure('a room of 25: packets out per second', packetsPerSecond(ours), 'packets/s', {
      comparedWith: { name: 'dynacast and top-N off', value: packetsPerSecond([off]) },
    }),
    figure('a room of 25: packets out per second, mediasoup alone', packetsPerSecond(alone), 'packets/s'),
    figure('a room of 25: load client busy', Math.max(...[...ours, ...alone].map(({ busy }) => busy)) * 100, '%', {
      aim: 85,
    }),
  ];
}
