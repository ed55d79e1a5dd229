import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { type DataFrame, dataFrames } from '../generate/dataFrames.ts';
import { datagrams, rtcpPackets, rtpPackets } from '../generate/datagrams.ts';
import { oddChunks, oddPackets } from '../generate/sctp.ts';
import { seedOf } from '../generate/seeds.ts';
import { ClientNames } from '../world/Known.ts';
import { MediaVisitor } from '../world/MediaVisitor.ts';
import { type Attack, mediaRoom, type Target } from './Attack.ts';

/** After so many packets the event loop has its turn, so that the others of this process go on. */
const burst = 20;

type Throw = (visitor: MediaVisitor) => void | Promise<void>;

/** What a worker reads: datagrams of strangers, RTP and RTCP of a participant, SCTP chunks, frames of data channels. */
export const mediaAttack: Attack = {
  name: 'media',
  share: 0.06,
  batch: 500,
  async run(seed, count, { url, findings, rooms }) {
    const visitor = await MediaVisitor.join(url, mediaRoom, findings);
    try {
      const { first, last } = throwsFor(visitor, rooms, seed, count);
      await throwAll(visitor, first);
      findings.outcomes.add('data', visitor.heard.received > 0 ? 'ok' : 'nothing came back');
      findings.outcomes.add('RTP', (await visitor.packetsTaken()) > 0 ? 'ok' : 'nothing got in');
      await throwAll(visitor, last);
      await visitor.isHeard();
    } finally {
      visitor.close();
    }
  },
};

async function throwAll(visitor: MediaVisitor, throws: readonly Throw[]): Promise<void> {
  for (const [at, each] of throws.entries()) {
    await each(visitor);
    if (at % burst === 0) await setImmediate();
  }
}

/** @returns `last`: what an association may not survive */
function throwsFor({ ids }: MediaVisitor, [here, elsewhere]: Target['rooms'], seed: number, count: number) {
  const names = new ClientNames(here.name, here.known, elsewhere.known);
  const rtp = fc.oneof(...ids.map(rtpPackets)).map(
    (packet): Throw =>
      (visitor) =>
        visitor.throwRtp(packet),
  );
  const rtcp = fc.tuple(fc.oneof(...ids.map(rtcpPackets)), fc.boolean()).map(
    ([packet, sending]): Throw =>
      (visitor) => {
        (sending ? visitor.send : visitor.recv).sendRtcp(packet);
      },
  );
  const strangers = datagrams.map(
    (packet): Throw =>
      (visitor) =>
        visitor.throwDatagram(packet),
  );
  const frames = dataFrames(names).map(
    ({ stream, ppid, bytes }: DataFrame): Throw =>
      (visitor) =>
        visitor.data.send(stream, ppid, bytes),
  );
  const first = fc.sample(fc.oneof(rtp, rtcp, strangers, { weight: 2, arbitrary: frames }), {
    numRuns: Math.ceil(count * 0.8),
    seed: seedOf(seed, 'first'),
  });
  const chunks = fc.tuple(fc.array(oddChunks, { minLength: 1, maxLength: 4 }), oddPackets, fc.boolean()).map(
    ([list, odd, sending]): Throw =>
      (visitor) =>
        (sending ? visitor.data : visitor.heard).throwChunks(list, odd),
  );
  const last = fc.sample(chunks, { numRuns: Math.floor(count * 0.2), seed: seedOf(seed, 'last') });
  return { first, last };
}
