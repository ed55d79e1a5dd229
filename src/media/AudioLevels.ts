import type { types } from 'mediasoup';
import type { AudioLevel } from '../room/ports.ts';
import { audioLevel, headerExtension } from './rtp.ts';

/** How often levels are told while somebody speaks. */
const intervalMs = 300;
/** Louder than this counts as speech; a quiet room's noise is around -70 dBov. */
const speechDbov = -55;
/** How long somebody counts as speaking after the last loud packet, so that pauses between words do not flicker. */
const holdMs = 1000;

const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

interface Voice {
  /** The loudest packet since the last report; undefined when none was speech. */
  peak: number | undefined;
  told: number;
  lastLoudAt: number;
}

/**
 * Who is loud on one router, read from the level that each packet carries in its header. mediasoup's own
 * AudioLevelObserver averages over its interval and wants ten packets in it: it misses short words and anybody who
 * sends 60 ms packets, or who pauses with DTX.
 */
export class AudioLevels {
  readonly #transport: types.DirectTransport;
  readonly #capabilities: types.RtpCapabilities;
  readonly #report: (levels: AudioLevel[]) => void;
  readonly #voices = new Map<string, Voice>();
  #timer: NodeJS.Timeout | undefined;
  #speaking = false;

  static async create(router: types.Router, report: (levels: AudioLevel[]) => void): Promise<AudioLevels> {
    return new AudioLevels(await router.createDirectTransport(), router.rtpCapabilities, report);
  }

  private constructor(
    transport: types.DirectTransport,
    capabilities: types.RtpCapabilities,
    report: (levels: AudioLevel[]) => void,
  ) {
    this.#transport = transport;
    this.#capabilities = capabilities;
    this.#report = report;
  }

  /** Listens to an audio producer until it closes. Fails when it, or the router, was closed meanwhile. */
  async observe(producerId: string): Promise<void> {
    const consumer = await this.#transport.consume({ producerId, rtpCapabilities: this.#capabilities });
    const extension = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === levelUri);
    if (consumer.closed) return;
    if (!extension) {
      // A client that does not tell its level cannot be marked as speaking.
      consumer.close();
      return;
    }
    const voice: Voice = { peak: undefined, told: 0, lastLoudAt: Number.NEGATIVE_INFINITY };
    this.#voices.set(producerId, voice);
    consumer.observer.once('close', () => this.#voices.delete(producerId));
    consumer.on('rtp', (packet) => this.#hear(voice, packet, extension.id));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#voices.clear();
  }

  #hear(voice: Voice, packet: Buffer, extensionId: number): void {
    const data = headerExtension(packet, extensionId);
    const level = data && audioLevel(data);
    if (level === undefined || level < speechDbov) return;
    voice.peak = Math.max(voice.peak ?? level, level);
    voice.lastLoudAt = performance.now();
    // The first word is told at once.
    if (!this.#speaking) this.#tell();
  }

  #tell(): void {
    const now = performance.now();
    const loud = [...this.#voices].filter(([, voice]) => now - voice.lastLoudAt < holdMs);
    for (const [, voice] of loud) {
      voice.told = voice.peak ?? voice.told;
      voice.peak = undefined;
    }
    this.#speaking = loud.length > 0;
    const levels = loud.map(([producerId, { told }]) => ({ producerId, level: told }));
    this.#report(levels.toSorted((a, b) => b.level - a.level));
    clearTimeout(this.#timer);
    this.#timer = this.#speaking ? setTimeout(() => this.#tell(), intervalMs) : undefined;
  }
}
