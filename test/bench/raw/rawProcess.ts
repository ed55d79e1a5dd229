import { createWorker, type types } from 'mediasoup';
import { mediaCodecs } from '../../../src/media/codecs.ts';
import { transportInfo } from '../../../src/media/convert.ts';
import { answerCalls } from '../calls.ts';
import type { RawCall, RawReady } from './RawServer.ts';

/** mediasoup alone: one worker, one router, and what RawServer.ts asks for. Nothing else costs anything. */

const worker = await createWorker({ logLevel: 'none' });
const router = await worker.createRouter({ mediaCodecs });
const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: '127.0.0.1' }));
const webRtcServer = await worker.createWebRtcServer({ listenInfos });
const transports = new Map<string, types.WebRtcTransport>();
const consumers = new Map<string, types.Consumer>();
let observer: Promise<types.AudioLevelObserver> | undefined;
/** Those who ask when a producer is heard, by its id. */
const waiting = new Map<string, (at: number) => void>();

function transportOf(id: string): types.WebRtcTransport {
  const transport = transports.get(id);
  if (!transport) throw new Error(`there is no transport ${id}`);
  return transport;
}

async function answer(call: RawCall): Promise<unknown> {
  switch (call.do) {
    case 'transport': {
      const transport = await router.createWebRtcTransport({
        webRtcServer,
        initialAvailableOutgoingBitrate: 10_000_000,
      });
      const fingerprints = call.fingerprints.map(({ algorithm, value }) => ({
        algorithm: algorithm as types.DtlsFingerprint['algorithm'],
        value,
      }));
      await transport.connect({ dtlsParameters: { role: 'client', fingerprints } });
      transports.set(transport.id, transport);
      return transportInfo(transport);
    }
    case 'produce': {
      const { kind, keyFrameRequestDelay } = call;
      const rtpParameters = call.rtpParameters as types.RtpParameters;
      const producer = await transportOf(call.transportId).produce({ kind, rtpParameters, keyFrameRequestDelay });
      return producer.id;
    }
    case 'consume': {
      const consumer = await transportOf(call.transportId).consume({
        producerId: call.producerId,
        rtpCapabilities: call.capabilities as types.RtpCapabilities,
        enableRtx: true,
        ...(call.layers && { preferredLayers: call.layers }),
      });
      consumers.set(consumer.id, consumer);
      return { consumerId: consumer.id, kind: consumer.kind, rtpParameters: consumer.rtpParameters };
    }
    case 'observe':
      observer ??= createObserver();
      return (await observer).addProducer({ producerId: call.producerId });
    case 'heard':
      return new Promise((resolve) => waiting.set(call.producerId, resolve));
    case 'heap':
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
  }
}

/** Reports who is loudest each 250 ms, which is as often as it can. */
async function createObserver(): Promise<types.AudioLevelObserver> {
  const observer = await router.createAudioLevelObserver({ maxEntries: 6, threshold: -80, interval: 250 });
  observer.on('volumes', (volumes) => {
    for (const { producer } of volumes) {
      waiting.get(producer.id)?.(performance.timeOrigin + performance.now());
      waiting.delete(producer.id);
    }
  });
  return observer;
}

answerCalls<RawCall>({ workerPid: worker.pid } satisfies RawReady, answer, () => worker.close());
