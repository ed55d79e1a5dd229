import { recvCapabilities } from '../../../load/meeting/capabilities.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import { fakeAudioParameters, fakeVideoParameters } from '../../../support/fakeMedia.ts';
import type { RawServer } from '../../raw/RawServer.ts';
import { type Footprint, footprintOf, perPart } from './Footprint.ts';
import { publicationsEach } from './plenum.ts';

const keyFrameRequestDelay = 350;

/** The same in mediasoup alone: what nobody can go below who uses it. */
export class RawHoldings {
  readonly #server: RawServer;
  readonly #context: LoadContext;
  readonly #settleMs: number;

  constructor(server: RawServer, context: LoadContext, settleMs: number) {
    this.#server = server;
    this.#context = context;
    this.#settleMs = settleMs;
  }

  /** Two transports, which nobody has connected to. */
  async participants(count: number): Promise<Footprint> {
    const before = await footprintOf(this.#server, this.#settleMs);
    await this.#transports(2 * count);
    return perPart(before, await footprintOf(this.#server, this.#settleMs), count);
  }

  async publications(kind: 'camera' | 'microphone', publishers: number): Promise<Footprint> {
    const transports = await this.#transports(publishers);
    const before = await footprintOf(this.#server, this.#settleMs);
    for (const transportId of transports) await this.#produce(transportId, kind);
    return perPart(before, await footprintOf(this.#server, this.#settleMs), publishers * publicationsEach);
  }

  async subscriptions(viewers: number): Promise<Footprint> {
    const [source = '', ...transports] = await this.#transports(viewers + 1);
    const producers = await this.#produce(source, 'camera');
    const before = await footprintOf(this.#server, this.#settleMs);
    const capabilities = recvCapabilities(false);
    for (const transportId of transports) {
      await Promise.all(producers.map((producerId) => this.#server.consume(transportId, { producerId, capabilities })));
    }
    return perPart(before, await footprintOf(this.#server, this.#settleMs), viewers * publicationsEach);
  }

  async #transports(count: number): Promise<string[]> {
    const { fingerprint } = this.#context.certificate;
    const infos = await Promise.all(Array.from({ length: count }, () => this.#server.createTransport(fingerprint)));
    return infos.map(({ transportId }) => transportId);
  }

  #produce(transportId: string, kind: 'camera' | 'microphone'): Promise<string[]> {
    const make = () =>
      kind === 'camera'
        ? ({ kind: 'video', rtpParameters: fakeVideoParameters() } as const)
        : ({ kind: 'audio', rtpParameters: fakeAudioParameters() } as const);
    return Promise.all(
      Array.from({ length: publicationsEach }, () =>
        this.#server.produce(transportId, { ...make(), keyFrameRequestDelay }),
      ),
    );
  }
}
