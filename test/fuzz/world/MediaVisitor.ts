import { createSocket, type Socket } from 'node:dgram';
import { createApiToken } from '../../../src/auth/index.ts';
import { PlenumApi } from '../../../src/auth/PlenumApi.ts';
import type { ParamsInput, Result } from '../../../src/protocol/index.ts';
import { signedTokens } from '../../load/meeting/tokens.ts';
import { makeCertificate } from '../../load/transport/certificate.ts';
import { MediaConnection } from '../../load/transport/MediaConnection.ts';
import { fakeCamera, fakeCapabilities, fakeMicrophone } from '../../support/fakeMedia.ts';
import { testSecret } from '../../support/testServer.ts';
import { partsForSrtp, type RtpIds } from '../generate/datagrams.ts';
import type { Findings } from './Findings.ts';
import { SctpPeer } from './SctpPeer.ts';
import { SocketClient } from './SocketClient.ts';

let visits = 0;

/** An attacker who is in a room with both transports and data channels, and publishes a microphone and a camera. */
export class MediaVisitor {
  readonly send: MediaConnection;
  readonly recv: MediaConnection;
  /** Its messages go over the first, those of the server over the second. */
  readonly data: SctpPeer;
  readonly heard: SctpPeer;
  /** Of its microphone and its camera. */
  readonly ids: readonly RtpIds[];
  /** For its statistics. */
  readonly #visit: { api: PlenumApi; room: string; participantId: string };
  readonly #client: SocketClient;
  readonly #socket: Socket;
  readonly #address: { ip: string; port: number };
  /** Of the last RTP packet; SRTP takes each once. */
  #index = 0;

  static async join(url: string, room: string, findings: Findings): Promise<MediaVisitor> {
    visits += 1;
    const token = await signedTokens(testSecret)(room, `media-${visits}`);
    const client = await SocketClient.connect(url, JSON.stringify({ token }), findings);
    const connections: MediaConnection[] = [];
    try {
      return await MediaVisitor.#enter(client, connections, { api: apiOf(url), room });
    } catch (error) {
      for (const connection of connections) connection.close();
      client.close();
      throw error;
    }
  }

  static async #enter(
    client: SocketClient,
    connections: MediaConnection[],
    where: { api: PlenumApi; room: string },
  ): Promise<MediaVisitor> {
    const certificate = makeCertificate();
    const fingerprints = [{ algorithm: 'sha-256', value: certificate.fingerprint }];
    const dtlsParameters = { role: 'client', fingerprints };
    const params = { requestId: 'join', recvRtpCapabilities: fakeCapabilities(), dtlsParameters };
    const answer = await client.ask(JSON.stringify(['join', params]));
    if (!answer?.ok) throw new Error(`the media visitor was not let in: ${JSON.stringify(answer)}`);
    // The server's answer fits the protocol; whoever doubts it has the tests of the protocol.
    const { sendTransport, recvTransport, participantId } = answer.data as Result<'join'>;
    const send = new MediaConnection(sendTransport, { certificate, local: true });
    const recv = new MediaConnection(recvTransport, { certificate, local: true });
    connections.push(send, recv);
    await Promise.all([send.connect(), recv.connect()]);
    const tracks = [fakeMicrophone('microphone'), fakeCamera('camera')];
    for (const track of tracks) await client.ask(JSON.stringify(['publish', track]));
    const candidate = sendTransport.iceCandidates.find(({ protocol }) => protocol === 'udp');
    return new MediaVisitor({
      visit: { ...where, participantId },
      client,
      send,
      recv,
      data: await SctpPeer.open(send),
      heard: await SctpPeer.open(recv),
      ids: tracks.map(idsOf),
      address: { ip: candidate?.address ?? '127.0.0.1', port: candidate?.port ?? 0 },
    });
  }

  private constructor(parts: {
    visit: { api: PlenumApi; room: string; participantId: string };
    client: SocketClient;
    send: MediaConnection;
    recv: MediaConnection;
    data: SctpPeer;
    heard: SctpPeer;
    ids: readonly RtpIds[];
    address: { ip: string; port: number };
  }) {
    this.#visit = parts.visit;
    this.#client = parts.client;
    this.send = parts.send;
    this.recv = parts.recv;
    this.data = parts.data;
    this.heard = parts.heard;
    this.ids = parts.ids;
    this.#address = parts.address;
    this.#socket = createSocket('udp4');
    // What is too large for a datagram is refused here already.
    this.#socket.on('error', () => undefined);
  }

  /** Any RTP packet, protected with this participant's keys; it gets a sequence number of its own. */
  throwRtp(packet: Buffer): void {
    this.#index += 1;
    const { header, payload } = partsForSrtp(packet, this.#index);
    this.send.sendRtp(header, payload, this.#index);
  }

  /** From a port that nobody knows. */
  throwDatagram(packet: Buffer): void {
    this.#socket.send(packet, this.#address.port, this.#address.ip);
  }

  /** How many of its RTP packets the worker has taken for its publications. */
  async packetsTaken(): Promise<number> {
    const { api, room, participantId } = this.#visit;
    const { publications } = await api.readParticipantStats(room, participantId);
    return publications.flatMap(({ streams }) => streams).reduce((sum, { packets }) => sum + packets, 0);
  }

  /** Whether the server still answers it, or has hung up. */
  async isHeard(): Promise<void> {
    if (this.#client.open) await this.#client.ask('["listParticipants",{"limit":1}]');
  }

  close(): void {
    this.send.close();
    this.recv.close();
    this.#socket.close();
    this.#client.close();
  }
}

/** What streams are called whose encodings name none. */
const freeSsrc = 700_000;

function idsOf({ rtpParameters: { codecs, encodings, mid } }: ParamsInput<'publish'>): RtpIds {
  const [codec] = codecs;
  const rids = encodings.flatMap(({ rid }) => rid ?? []);
  return {
    ssrc: encodings[0]?.ssrc ?? freeSsrc,
    payloadType: codec?.payloadType ?? 0,
    ...(mid !== undefined && rids.length > 0 && { names: { mid, rids } }),
  };
}

function apiOf(url: string): PlenumApi {
  return new PlenumApi({
    url,
    token: () => createApiToken(testSecret, { subject: 'stats', grants: { stats: 'read' } }),
  });
}
