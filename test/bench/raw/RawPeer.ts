import type { TransportInfo } from '../../../src/protocol/index.ts';
import { Histogram } from '../../load/Histogram.ts';
import { recvCapabilities } from '../../load/meeting/capabilities.ts';
import type { LoadContext } from '../../load/meeting/LoadParticipant.ts';
import { Receiver, type Reception } from '../../load/receiving/Receiver.ts';
import type { AudioFrameMs } from '../../load/recordings/spec.ts';
import { AudioSender } from '../../load/sending/AudioSender.ts';
import { Sender } from '../../load/sending/Sender.ts';
import { VideoSender } from '../../load/sending/VideoSender.ts';
import { MediaConnection } from '../../load/transport/MediaConnection.ts';
import type { RawServer } from './RawServer.ts';

/** As Plenum's option, so that both sides ask publishers for as many key frames. */
const keyFrameRequestDelay = 350;

/** What a load participant is to Plenum, to mediasoup alone: two transports, what it sends and what it receives. */
export class RawPeer {
  readonly recv: MediaConnection;
  readonly latency: Histogram;
  readonly #server: RawServer;
  readonly #context: LoadContext;
  readonly #infos: { send: TransportInfo; recv: TransportInfo };
  readonly #send: MediaConnection;
  readonly #receiver: Receiver;
  #sender: Promise<Sender> | undefined;

  static async connect(server: RawServer, context: LoadContext, latency = new Histogram()): Promise<RawPeer> {
    const { fingerprint } = context.certificate;
    const [send, recv] = await Promise.all([server.createTransport(fingerprint), server.createTransport(fingerprint)]);
    const peer = new RawPeer(server, context, { send, recv }, latency);
    await peer.recv.connect();
    return peer;
  }

  private constructor(
    server: RawServer,
    context: LoadContext,
    infos: { send: TransportInfo; recv: TransportInfo },
    latency: Histogram,
  ) {
    const { certificate } = context;
    this.#server = server;
    this.#context = context;
    this.#infos = infos;
    this.latency = latency;
    this.recv = new MediaConnection(infos.recv, { certificate, local: true });
    this.#send = new MediaConnection(infos.send, { certificate, local: true });
    this.#receiver = new Receiver(this.recv, latency);
  }

  get receptions(): Iterable<Reception> {
    return this.#receiver.receptions;
  }

  async publishVideo(): Promise<{ producerId: string; sender: VideoSender }> {
    const { ticker, recordings } = this.#context;
    const video = new VideoSender(this.#send, ticker, recordings.videos);
    const { kind, rtpParameters } = video.publishParams;
    const sender = await this.#connectSender();
    const producerId = await this.#produce({ kind, rtpParameters });
    sender.addVideo(video);
    return { producerId, sender: video };
  }

  async publishAudio(frameMs: AudioFrameMs = 20): Promise<{ producerId: string; sender: AudioSender }> {
    const { ticker, recordings } = this.#context;
    const audio = new AudioSender(this.#send, ticker, { recording: recordings.audio[frameMs] });
    const { kind, rtpParameters } = audio.publishParams;
    const sender = await this.#connectSender();
    const producerId = await this.#produce({ kind, rtpParameters });
    sender.addAudio(audio);
    return { producerId, sender: audio };
  }

  async consume(producerId: string, layers?: { spatialLayer: number; temporalLayer: number }): Promise<void> {
    const { consumerId, kind, rtpParameters } = await this.#server.consume(this.#infos.recv.transportId, {
      producerId,
      capabilities: recvCapabilities(false),
      ...(layers && { layers }),
    });
    this.#receiver.add({
      subscriptionId: consumerId,
      publicationId: producerId,
      participantId: producerId,
      kind,
      rtpParameters,
      waiting: false,
      muted: false,
    });
  }

  close(): void {
    this.#receiver.close();
    // One that could not be connected has nothing to close.
    this.#sender?.then((sender) => sender.close()).catch(() => undefined);
    this.recv.close();
    this.#send.close();
  }

  #connectSender(): Promise<Sender> {
    this.#sender ??= this.#send.connect().then(() => new Sender(this.#send));
    return this.#sender;
  }

  #produce({ kind, rtpParameters }: Pick<VideoSender['publishParams'], 'kind' | 'rtpParameters'>): Promise<string> {
    return this.#server.produce(this.#infos.send.transportId, { kind, rtpParameters, keyFrameRequestDelay });
  }
}
