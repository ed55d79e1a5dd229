import type { types } from 'mediasoup';
import type { AudioLevel, Onset } from '../room/ports.ts';
import { audioLevel } from './rtp.ts';
import { stillOpen } from './stillOpen.ts';

/** How often it is told who is loud, while anybody is. */
const loudIntervalMs = 100;
/** Of so many such times once, who speaks: for people to see. */
const levelsEvery = 3;
/** Louder than this counts as speech; a quiet room's noise is around -70 dBov. */
const speechDbov = -55;
/** A pause as long as this lies between words or sentences; packets last up to 120 ms. */
const pauseMs = 200;
/** What is loud for so long is a word; a click is shorter. Two packets of 60 ms tell already. */
const wordMs = 40;
/** How long somebody counts as speaking after the last loud packet, so that pauses between words do not flicker. */
const holdMs = 1000;

const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

interface Voice {
  readonly producerId: string;
  /** The loudest packet since it was last told who is loud; -Infinity: none was speech. */
  peak: number;
  /** The loudest packet since it was last told who speaks, and what was told then. */
  levelPeak: number;
  told: number;
  loudAt: number;
  /** The first loud packet after a pause. */
  beganAt: number;
  /** Whether it has been told that this is no click. */
  sustained: boolean;
}

/** As the events of `MediaRouter`. */
export interface AudioLevelsListener {
  onset(onset: Onset): void;
  loud(levels: AudioLevel[]): void;
  levels(levels: AudioLevel[]): void;
}

const never = Number.NEGATIVE_INFINITY;

/**
 * Who is loud on one router, read from the level that each packet carries in its header. mediasoup's own
 * AudioLevelObserver averages over its interval and wants ten packets in it: it misses short words and anybody who
 * sends 60 ms packets, or who pauses with DTX. A client that does not tell its level counts as one that speaks, as
 * quietly as one can, whenever it sends packets.
 */
export class AudioLevels {
  readonly #transport: types.DirectTransport;
  readonly #capabilities: types.RtpCapabilities;
  readonly #listener: AudioLevelsListener;
  readonly #voices = new Set<Voice>();
  #timer: NodeJS.Timeout | undefined;
  /** Times that it was told who is loud, since it was told who speaks. */
  #ticks = 0;

  static async create(router: types.Router, listener: AudioLevelsListener): Promise<AudioLevels> {
    return new AudioLevels(stillOpen(router, await router.createDirectTransport()), router.rtpCapabilities, listener);
  }

  private constructor(
    transport: types.DirectTransport,
    capabilities: types.RtpCapabilities,
    listener: AudioLevelsListener,
  ) {
    this.#transport = transport;
    this.#capabilities = capabilities;
    this.#listener = listener;
  }

  /** Listens to an audio producer until it closes. Fails when it, or the router, was closed meanwhile. */
  async observe(producerId: string): Promise<void> {
    const made = await this.#transport.consume({ producerId, rtpCapabilities: this.#capabilities });
    const consumer = stillOpen(this.#transport, made);
    if (consumer.closed) return;
    const extensionId = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === levelUri)?.id;
    const voice: Voice = {
      producerId,
      peak: never,
      levelPeak: never,
      told: never,
      loudAt: never,
      beganAt: never,
      sustained: false,
    };
    this.#voices.add(voice);
    consumer.observer.once('close', () => this.#voices.delete(voice));
    consumer.on('rtp', (packet) => {
      const told = extensionId === undefined ? undefined : audioLevel(packet, extensionId);
      this.#hear(voice, told ?? speechDbov);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#voices.clear();
  }

  /** Runs for each packet of each microphone: without allocating, but where something is to be told. */
  #hear(voice: Voice, level: number): void {
    if (level < speechDbov) return;
    const now = performance.now();
    const paused = now - voice.loudAt > pauseMs;
    voice.loudAt = now;
    if (level > voice.peak) voice.peak = level;
    if (level > voice.levelPeak) voice.levelPeak = level;
    const first = this.#timer === undefined;
    this.#timer ??= setTimeout(() => this.#tick(), loudIntervalMs);
    if (first) this.#tellLevels(now);
    if (paused) {
      voice.beganAt = now;
      voice.sustained = false;
    } else if (voice.sustained || now - voice.beganAt < wordMs) return;
    else voice.sustained = true;
    this.#listener.onset({ producerId: voice.producerId, level, sustained: voice.sustained });
  }

  #tick(): void {
    const now = performance.now();
    const loud: AudioLevel[] = [];
    for (const voice of this.#voices) {
      if (voice.peak === never) continue;
      loud.push({ producerId: voice.producerId, level: voice.peak });
      voice.peak = never;
    }
    this.#timer = setTimeout(() => this.#tick(), loudIntervalMs);
    if (loud.length > 0) this.#listener.loud(loud);
    this.#ticks += 1;
    if (this.#ticks % levelsEvery === 0) this.#tellLevels(now);
  }

  #tellLevels(now: number): void {
    this.#ticks = 0;
    const speaking = [...this.#voices].filter(({ loudAt }) => now - loudAt < holdMs);
    for (const voice of speaking) {
      if (voice.levelPeak !== never) voice.told = voice.levelPeak;
      voice.levelPeak = never;
    }
    if (speaking.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    const levels = speaking.map(({ producerId, told }) => ({ producerId, level: told }));
    this.#listener.levels(levels.toSorted((a, b) => b.level - a.level));
  }
}
