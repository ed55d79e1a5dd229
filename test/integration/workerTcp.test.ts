import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { types } from 'mediasoup';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeHeader } from '../load/rtp/header.ts';
import { type Certificate, makeCertificate } from '../load/transport/certificate.ts';
import { MediaConnection } from '../load/transport/MediaConnection.ts';
import { fakeCamera, fakeVideoParameters } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

/** What a worker takes over TCP, from people with right keys and from strangers: none of it may cost the others. */

const stage = setStage({ config: { ...wideLimits, workers: 1 } });
/** Elsewhere nobody tells the memory and the descriptors of a process. */
const onLinux = existsSync('/proc/self/fd');

let certificate: Certificate;
let pid: number;

beforeAll(() => {
  certificate = makeCertificate();
  pid = stage.server.app.engine.status.pids[0] ?? 0;
});

function enter(room: string, identity: string): Promise<Joined> {
  const fingerprints = [{ algorithm: 'sha-256' as const, value: certificate.fingerprint }];
  return stage.joined(room, identity, { dtlsParameters: { role: 'client', fingerprints } });
}

async function connected(info: Joined['answer']['sendTransport'], protocol: 'udp' | 'tcp'): Promise<MediaConnection> {
  const media = new MediaConnection(info, { certificate, local: true, protocol });
  onTestFinished(() => media.close());
  await media.connect();
  return media;
}

/** A video of which each packet is a key frame, a second after the one before, so that the worker keeps few of them. */
class Camera {
  readonly #rtp = fakeVideoParameters(1);
  readonly params = { ...fakeCamera(newRequestId()), rtpParameters: this.#rtp };
  readonly #media: MediaConnection;
  #sent = 0;

  constructor(media: MediaConnection) {
    this.#media = media;
  }

  /** One packet. @param bytes with its header */
  send(bytes: number): void {
    this.#sent += 1;
    const { codecs, encodings } = this.#rtp;
    const header = writeHeader({
      payloadType: codecs[0]?.payloadType ?? 0,
      marker: true,
      sequence: this.#sent,
      timestamp: this.#sent * 90_000,
      ssrc: encodings[0]?.ssrc ?? 0,
      extensions: [],
    });
    const payload = Buffer.alloc(bytes - header.length);
    // The start of a partition; a key frame of 640 x 480.
    payload.set([0x10, 0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
    this.#media.sendRtp(header, payload, this.#sent);
  }
}

const isWebRtc = (transport: types.Transport): transport is types.WebRtcTransport => transport.type === 'webrtc';

/** Bytes of RTP that the worker has taken for publications; its answer comes after what it has read before. */
async function rtpTaken({ transportId }: Joined['answer']['sendTransport']): Promise<number> {
  const all = [...stage.routers.values()].flatMap((transports) => [...transports]);
  const stats = await all
    .filter(isWebRtc)
    .find(({ id }) => id === transportId)
    ?.getStats();
  return stats?.[0]?.rtpBytesReceived ?? 0;
}

function tcpCandidate({ sendTransport }: Joined['answer']): { address: string; port: number } {
  const candidate = sendTransport.iceCandidates.find(({ protocol }) => protocol === 'tcp');
  if (!candidate) throw new Error('the server offers no TCP');
  return candidate;
}

function residentBytes(): number {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function openSockets(): number {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  return open.filter((name) => name.startsWith('socket:')).length;
}

test('an RTP packet that is too large for any real client is dropped, and one as large as a jumbo frame is taken', async () => {
  const ada = await enter('large', 'ada');
  const media = await connected(ada.answer.sendTransport, 'tcp');
  const camera = new Camera(media);
  await ada.request('publish', camera.params);
  // Over TCP they come in this order. The largest fills the worker's buffer, with the 16 bytes of SRTP.
  for (const bytes of [1200, 9000, 20_000, 65_000, 65_480, 65_518, 1200]) camera.send(bytes);
  const taken = 1200 + 9000 + 1200;
  await waitFor('the last packet', async () => (await rtpTaken(ada.answer.sendTransport)) >= taken, {
    timeoutMs: 5000,
  });
  expect(await rtpTaken(ada.answer.sendTransport)).toBeLessThan(taken + 1000);
});

test.runIf(onLinux)(
  'who reads nothing over TCP costs no memory, and no descriptor any more when they leave',
  async () => {
    const ada = await enter('frozen', 'ada');
    const media = await connected(ada.answer.sendTransport, 'udp');
    const camera = new Camera(media);
    await ada.request('publish', camera.params);
    const bob = await enter('frozen', 'bob');
    const [{ subscriptionId } = { subscriptionId: '' }] = bob.answer.subscriptions;
    const before = openSockets();
    const frozen = await connected(bob.answer.recvTransport, 'tcp');
    await bob.request('startSubscriptions', { subscriptionIds: [subscriptionId] });
    await waitFor('a packet', () => {
      camera.send(1200);
      return frozen.packetsIn > 0;
    });
    frozen.stopReading();
    const memory = residentBytes();
    const bytes = 16_000;
    const wanted = 100e6;
    let sent = 0;
    for (; sent < wanted; sent += 10 * bytes) {
      for (let packet = 0; packet < 10; packet += 1) camera.send(bytes);
      // What is in flight over UDP has to fit into the worker's buffer.
      await rtpTaken(ada.answer.sendTransport);
    }
    const grown = residentBytes() - memory;
    const taken = await rtpTaken(ada.answer.sendTransport);
    console.info(
      `${Math.round(taken / 1e6)} MB sent to somebody who does not read: ${Math.round(grown / 1e6)} MB more`,
    );
    expect(taken, 'what the worker had to send').toBeGreaterThan(0.9 * wanted);
    expect(grown).toBeLessThan(30e6);
    await bob.request('leave', {});
    await waitFor('its connection to be closed', () => openSockets() === before);
  },
);

/** Connects and says nothing. */
async function stranger({ address, port }: { address: string; port: number }): Promise<Socket> {
  const socket = connect(port, address);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket.resume();
}

test('of strangers who connect and say nothing some may stay, for ten seconds, and nobody else is cut', async () => {
  const ada = await enter('strangers', 'ada');
  const media = await connected(ada.answer.sendTransport, 'tcp');
  const camera = new Camera(media);
  await ada.request('publish', camera.params);
  const candidate = tcpCandidate(ada.answer);
  let closed = 0;
  const many = 300;
  const since = performance.now();
  for (let count = 0; count < many; count += 1) {
    const socket = await stranger(candidate);
    socket.once('close', () => {
      closed += 1;
    });
  }
  await waitFor('the first to be closed', () => closed >= many - 256);
  expect(closed).toBe(many - 256);
  // A client that comes now finds a place.
  const bob = await enter('strangers', 'bob');
  await connected(bob.answer.sendTransport, 'tcp');
  await waitFor('all to be closed', () => closed === many, { timeoutMs: 15_000 });
  expect(performance.now() - since).toBeGreaterThan(9000);
  camera.send(1200);
  await waitFor('a packet', async () => (await rtpTaken(ada.answer.sendTransport)) >= 1200);
});
