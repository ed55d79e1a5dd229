import type { EncodingPlan } from '../../../src/client/encodings.ts';
import type { MediaLinkOptions } from '../../../src/client/MediaLink.ts';
import { fakeAudioParameters, fakeCapabilities, fakeDtlsParameters, fakeVideoParameters } from '../fakeMedia.ts';

/** What the SDK finds in a browser besides sockets: devices, and connections that carry nothing. */

export class FakeTrack extends EventTarget {
  readonly kind: string;
  readonly id = crypto.randomUUID();
  readonly label = 'fake';
  readyState: 'live' | 'ended' = 'live';
  enabled = true;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  getSettings() {
    return this.kind === 'video' ? { groupId: 'g', width: 1280, height: 720 } : { groupId: 'g' };
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

export class FakeProducer {
  readonly rtpParameters;
  track: FakeTrack | null;
  closed = false;

  constructor(track: FakeTrack, layers: number) {
    this.track = track;
    this.rtpParameters = track.kind === 'video' ? fakeVideoParameters(layers) : fakeAudioParameters();
  }

  async replaceTrack({ track }: { track: FakeTrack | null }): Promise<void> {
    this.track = track;
  }

  close(): void {
    this.closed = true;
  }
}

/** In the place of `MediaLink`. */
export class FakeMediaLink {
  static #latest: FakeMediaLink | undefined;
  readonly sendVideoCodecs = ['vp8'];
  readonly producers: FakeProducer[] = [];
  readonly #onConnectionState: MediaLinkOptions['onConnectionState'];
  #closed = false;

  /** The browser gives up the connection of the media that are in use; no restart helps. */
  static fail(): void {
    const link = FakeMediaLink.#latest;
    if (link && !link.#closed) link.#onConnectionState('recv', 'failed');
  }

  constructor({ onConnectionState }: MediaLinkOptions) {
    this.#onConnectionState = onConnectionState;
    FakeMediaLink.#latest = this;
  }

  async produce(track: FakeTrack, plan: EncodingPlan): Promise<FakeProducer> {
    const producer = new FakeProducer(track, plan.encodings.length);
    if (this.#closed) throw new Error('closed');
    this.producers.push(producer);
    return producer;
  }

  async consume(): Promise<never[]> {
    return [];
  }

  async receiving(): Promise<void> {
    await Promise.resolve();
  }

  async openDataChannels(): Promise<void> {
    await Promise.resolve();
  }

  probe(): boolean {
    return false;
  }

  async stats(): Promise<undefined> {
    await Promise.resolve();
  }

  async gatherAnew(): Promise<void> {
    await Promise.resolve();
  }

  async restartIce(): Promise<void> {
    await Promise.resolve();
  }

  stopSending(): void {
    for (const producer of this.producers) producer.close();
  }

  close(): void {
    this.#closed = true;
    this.stopSending();
  }
}

/** In the place of `device.ts`. */
export const fakeDevice = {
  isSupportedBrowser: () => true,
  assertSupportedBrowser: () => undefined,
  createDevice: () => ({ load: async () => undefined, recvRtpCapabilities: fakeCapabilities(['VP8']) }),
};

/** In the place of `certificate.ts`. */
export const fakeCertificate = {
  createIdentity: async () => ({ certificate: {}, fingerprints: fakeDtlsParameters().fingerprints }),
};

/** Cameras, microphones and screens, of which each may wait for a person to allow it. */
export class FakeDevices extends EventTarget {
  /** What getUserMedia waits for, by kind, and getDisplayMedia (`screen`); undefined: nothing. */
  readonly prompts = new Map<string, Promise<void>>();
  readonly started: FakeTrack[] = [];

  async getUserMedia(constraints: MediaStreamConstraints) {
    const kind = constraints.video ? 'video' : 'audio';
    await this.prompts.get(kind);
    const track = new FakeTrack(kind);
    this.started.push(track);
    return { getTracks: () => [track] };
  }

  async getDisplayMedia() {
    await this.prompts.get('screen');
    const track = new FakeTrack('video');
    this.started.push(track);
    return { getVideoTracks: () => [track], getAudioTracks: () => [] };
  }

  async enumerateDevices(): Promise<never[]> {
    return [];
  }
}

/** In the place of `placeholderTrack.ts`. */
export const fakePlaceholder = { placeholderTrack: (kind: string) => new FakeTrack(kind) };
