import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RawServer } from '../../bench/raw/RawServer.ts';
import { Histogram } from '../Histogram.ts';
import { recvCapabilities } from '../meeting/capabilities.ts';
import { Receiver } from '../receiving/Receiver.ts';
import { makeCertificate } from '../transport/certificate.ts';
import { MediaConnection } from '../transport/MediaConnection.ts';
import type { Published, PublishersReady } from './publishers.ts';

/**
 * `node test/load/capacity/main.ts [SUBSCRIBERS [VIDEOS [SECONDS [transport-cc]]]]`: how many packets a second one core
 * of the load client receives, from a mediasoup worker alone. Worker and publishers are processes of their own.
 */

const args = process.argv.slice(2);
const [subscribers = 150, videos = 4, seconds = 10] = args.filter((text) => text !== 'transport-cc').map(Number);
const transportCc = args.includes('transport-cc');

const server = await RawServer.start();
const publishers = fork(fileURLToPath(new URL('publishers.ts', import.meta.url)));
const [{ fingerprint }]: [PublishersReady] = (await once(publishers, 'message')) as [PublishersReady];
const producerIds: string[] = [];
for (let number = 0; number < videos; number += 1) {
  const info = await server.createTransport(fingerprint);
  publishers.send(info);
  const [{ rtpParameters }] = (await once(publishers, 'message')) as [Published];
  const options = { kind: 'video', rtpParameters, keyFrameRequestDelay: 350 } as const;
  producerIds.push(await server.produce(info.transportId, options));
}

const certificate = makeCertificate();
const latency = new Histogram();
const receivers: Receiver[] = [];
const connections: { transportId: string; media: MediaConnection }[] = [];
const beforeJoins = process.cpuUsage();
for (let number = 0; number < subscribers; number += 1) {
  const info = await server.createTransport(certificate.fingerprint);
  const media = new MediaConnection(info, { certificate, local: true });
  await media.connect();
  connections.push({ transportId: info.transportId, media });
}
const joins = process.cpuUsage(beforeJoins);
for (const { transportId, media } of connections) {
  const receiver = new Receiver(media, latency);
  for (const producerId of producerIds) {
    const { consumerId, kind, rtpParameters } = await server.consume(transportId, {
      producerId,
      capabilities: recvCapabilities(transportCc),
      // The largest encoding: about 190 packets a second.
      layers: { spatialLayer: 2, temporalLayer: 2 },
    });
    const ids = { subscriptionId: consumerId, publicationId: producerId, participantId: 'publisher' };
    receiver.add({ ...ids, kind, rtpParameters, waiting: false, muted: false });
  }
  receivers.push(receiver);
}

function totals() {
  const streams = receivers.flatMap((receiver) => [...receiver.receptions].map(({ stream }) => stream));
  return {
    packets: streams.reduce((sum, { packets }) => sum + packets, 0),
    lost: streams.reduce((sum, { lost }) => sum + lost, 0),
  };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

await pause(2000);
latency.clear();
const before = totals();
const cpu = process.cpuUsage();
const serverCpu = server.watchCpu();
const startedAt = performance.now();
await pause(seconds * 1000);
const { node, workers } = serverCpu();
const elapsed = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpu);
const used = (user + system) / 1e6;
const after = totals();
const packets = after.packets - before.packets;
console.log(
  [
    `connecting: ${((joins.user + joins.system) / 1000 / subscribers).toFixed(1)} ms of CPU for each transport`,
    `${subscribers} subscribers of ${videos} videos: ${Math.round(packets / elapsed)} packets/s, ${after.lost - before.lost} lost`,
    `client: ${(used / elapsed).toFixed(2)} of a core; ${Math.round(packets / used)} packets per CPU-second`,
    `server: ${((node + workers) / elapsed).toFixed(2)} of a core`,
    `latency p50 ${latency.percentile(0.5)?.toFixed(2)} ms, p99 ${latency.percentile(0.99)?.toFixed(2)} ms`,
  ].join('\n'),
);
publishers.disconnect();
for (const receiver of receivers) receiver.close();
for (const { media } of connections) media.close();
await server.close();
process.exit();
