import { afterEach, expect, test } from 'vitest';
import type { RtpParameters } from '../../src/protocol/index.ts';
import { writeHeader } from '../load/rtp/header.ts';
import { makeCertificate } from '../load/transport/certificate.ts';
import { MediaConnection } from '../load/transport/MediaConnection.ts';
import { fakeCamera, fakeVideoParameters } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** Streams of RTP as no browser sends them. The stage looks whether its workers still live. */

const stage = setStage();
const connections: MediaConnection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

const [named, another] = [777_001, 888_002];

/** A video whose encodings are these. */
async function publish(encodings: RtpParameters['encodings']) {
  const certificate = makeCertificate();
  const client = await stage.client('room', 'ada');
  const { participantId, sendTransport } = await client.join({
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint }] },
  });
  const connection = new MediaConnection(sendTransport, { certificate, local: true });
  connections.push(connection);
  await connection.connect();
  const rtpParameters = { ...fakeVideoParameters(1), encodings };
  await client.request('publish', { ...fakeCamera(newRequestId()), rtpParameters });
  let index = 0;
  return {
    send(ssrc: number, rid?: string): void {
      index += 1;
      const extensions = [
        { id: 1, data: Buffer.from(rtpParameters.mid ?? '') },
        ...(rid === undefined ? [] : [{ id: 2, data: Buffer.from(rid) }]),
      ];
      const header = writeHeader({
        payloadType: 96,
        marker: true,
        sequence: index,
        timestamp: 3000 * index,
        ssrc,
        extensions,
      });
      // The beginning of a key frame of VP8.
      connection.sendRtp(header, Buffer.from([0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1]), index);
    },
    /** Packets that the worker has taken. */
    async taken(): Promise<number> {
      const person = stage.server.app.registry
        .find('room')
        ?.participants.find((each) => each.participantId === participantId);
      const streams = (await person?.publications[0]?.producer.stats()) ?? [];
      return streams.reduce((sum, { packets }) => sum + packets, 0);
    },
  };
}

type Packet = [ssrc: number, rid?: string];
const cases: [how: string, encodings: RtpParameters['encodings'], first: Packet, second: Packet][] = [
  ['named by a RID, then by its SSRC', [{ ssrc: named, rid: 'r0' }], [another, 'r0'], [named]],
  ['named by a RID, then by no SSRC', [{ rid: 'r0' }, { rid: 'r1' }], [another, 'r0'], [0]],
  ['named by no SSRC, then by a RID', [{ rid: 'r0' }, { rid: 'r1' }], [0], [another, 'r0']],
  ['the only one there is, then by no SSRC', [{}], [another], [0]],
];

test.each(cases)('a second stream for one encoding, %s, is passed over', async (_how, encodings, first, second) => {
  const video = await publish(encodings);
  const round = async (count: number) => {
    video.send(...first);
    await waitFor('a packet of the first stream', async () => (await video.taken()) >= count);
  };
  await round(1);
  video.send(...second);
  await round(2);
  expect(await video.taken()).toBe(2);
});
