import { createWorker, type types } from 'mediasoup';
import { mediaCodecs } from '../../../src/media/codecs.ts';
import { transportInfo } from '../../../src/media/convert.ts';
import type { RawAnswer, RawCall, RawReady } from './RawServer.ts';

/** mediasoup alone: one worker, one router, and what RawServer.ts asks for. Nothing else costs anything. */

const worker = await createWorker({ logLevel: 'none' });
const router = await worker.createRouter({ mediaCodecs });
const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: '127.0.0.1' }));
const webRtcServer = await worker.createWebRtcServer({ listenInfos });
const transports = new Map<string, types.WebRtcTransport>();
const consumers = new Map<string, types.Consumer>();

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
    case 'heap':
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
  }
}

process.on('message', (call: RawCall) => {
  answer(call).then(
    (data) => process.send?.({ id: call.id, data } satisfies RawAnswer),
    (error) => process.send?.({ id: call.id, error: String(error) } satisfies RawAnswer),
  );
});
process.on('disconnect', () => {
  worker.close();
  process.exit();
});
process.send?.({ workerPid: worker.pid } satisfies RawReady);
