import type { types } from 'mediasoup';
import type { RtpParameters } from '../../src/protocol/index.ts';
import { uri, writeHeader } from '../load/rtp/header.ts';
import { fakeAudioParameters } from './fakeMedia.ts';
import { newRequestId } from './RawClient.ts';
import type { Joined, Stage } from './stage.ts';

export interface VoiceOptions {
  muted?: boolean;
  /** Whether its packets tell how loud they are; default true. */
  tellsLevel?: boolean;
}

/**
 * A microphone whose packets the test makes. They enter the worker through a DirectTransport in place of the
 * participant's own, which has no client that could encrypt; all that the server does with them is real.
 */
export class Voice {
  readonly publicationId: string;
  readonly person: Joined;
  readonly #producer: types.Producer;
  readonly #parameters: RtpParameters;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;

  static async publish(
    stage: Stage,
    person: Joined,
    { muted = false, tellsLevel = true }: VoiceOptions = {},
  ): Promise<Voice> {
    const rtpParameters = fakeAudioParameters();
    if (!tellsLevel) {
      rtpParameters.headerExtensions = rtpParameters.headerExtensions?.filter((each) => each.uri !== uri.audioLevel);
    }
    let producer: types.Producer | undefined;
    divert(stage, person, (made) => {
      producer = made;
    });
    const params = { requestId: newRequestId(), source: 'microphone', kind: 'audio', rtpParameters, muted } as const;
    const { publicationId } = await person.request('publish', params);
    if (!producer) throw new Error('the publication was not diverted');
    return new Voice(publicationId, person, producer, rtpParameters);
  }

  private constructor(publicationId: string, person: Joined, producer: types.Producer, parameters: RtpParameters) {
    this.publicationId = publicationId;
    this.person = person;
    this.#producer = producer;
    this.#parameters = parameters;
    producer.observer.once('close', () => this.pause());
  }

  get participantId(): string {
    return this.person.answer.participantId;
  }

  /** From now on, the first packet at once. @param everyMs length of a packet */
  talk(level = -25, everyMs = 20): void {
    this.pause();
    this.say(level);
    this.#timer = setInterval(() => this.say(level), everyMs);
  }

  /** As with DTX: no packets any more. */
  pause(): void {
    clearInterval(this.#timer);
  }

  /** One packet. */
  say(level: number): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const [codec] = this.#parameters.codecs;
    const [encoding] = this.#parameters.encodings;
    const levelId = this.#parameters.headerExtensions?.find((each) => each.uri === uri.audioLevel)?.id;
    const header = writeHeader({
      payloadType: codec?.payloadType ?? 0,
      marker: false,
      sequence: this.#sequence,
      timestamp: (this.#sequence * 960) % 2 ** 32,
      ssrc: encoding?.ssrc ?? 0,
      extensions: levelId === undefined ? [] : [{ id: levelId, data: Buffer.from([-level]) }],
    });
    this.#producer.send(Buffer.concat([header, Buffer.alloc(60, 1)]));
  }
}

/** What the participant publishes next is made on a DirectTransport of the same router. */
function divert(stage: Stage, { answer }: Joined, made: (producer: types.Producer) => void): void {
  for (const [router, transports] of stage.routers) {
    const transport = [...transports].find(({ id }) => id === answer.sendTransport.transportId);
    if (!transport) continue;
    const { produce } = transport;
    const diverted = async (options: types.ProducerOptions) => {
      Object.assign(transport, { produce });
      const direct = await router.createDirectTransport();
      const producer = await direct.produce(options);
      producer.observer.once('close', () => direct.close());
      transport.observer.emit('newproducer', producer);
      made(producer);
      return producer;
    };
    Object.assign(transport, { produce: diverted });
    return;
  }
  throw new Error('there is no such transport');
}
