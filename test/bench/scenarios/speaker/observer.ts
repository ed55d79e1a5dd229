import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import type { AudioFrameMs } from '../../../load/recordings/spec.ts';
import { RawPeer } from '../../raw/RawPeer.ts';
import { RawServer } from '../../raw/RawServer.ts';
import { inBatches, pause } from '../forwarding/Forwarder.ts';
import type { Heard } from './firstWords.ts';

const betweenMs = 700;
const patienceMs = 1500;

/** When mediasoup's AudioLevelObserver reports a new speaker, which is what others choose who is heard by. */
export async function observed(context: LoadContext, count: number, frameMs: AudioFrameMs): Promise<Heard> {
  const server = await RawServer.start();
  const peers = await inBatches(count, 5, () => RawPeer.connect(server, context));
  try {
    const microphones = await Promise.all(peers.map((peer) => peer.publishAudio(frameMs)));
    for (const { producerId } of microphones) await server.observe(producerId);
    const result: Heard = { ms: [], missed: 0 };
    for (const { producerId, sender } of microphones) {
      const heard = server.heard(producerId);
      const at = performance.timeOrigin + performance.now();
      sender.speak();
      const reported = await Promise.race([heard, pause(patienceMs)]);
      if (reported === undefined) result.missed += 1;
      else result.ms.push(reported - at);
      sender.hush();
      // Not in step with its interval.
      await pause(betweenMs + Math.random() * 250);
    }
    return result;
  } finally {
    for (const peer of peers) peer.close();
    await server.close();
  }
}
