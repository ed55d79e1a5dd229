import { randomBytes } from 'node:crypto';
import type { TransportInfo } from '../../../src/protocol/index.ts';
import type { Certificate } from './certificate.ts';
import { DtlsClient } from './DtlsClient.ts';
import { type Candidate, MediaPath } from './MediaPath.ts';
import { openRtcp, openRtp, protectRtcp, protectRtp, type SessionKeys, sessionKeys, srtpProfiles } from './srtp.ts';

export interface MediaConnectionOptions {
  certificate: Certificate;
  /** Whether the server is on this machine: then its loopback candidate is tried first. */
  local: boolean;
  /** Default UDP. */
  protocol?: 'udp' | 'tcp';
  /** SRTP protection profiles; default AEAD_AES_128_GCM. */
  profiles?: readonly number[];
  /** Our side's ICE credentials, where the server was told of them beforehand (SDP) because it makes checks itself. */
  credentials?: { usernameFragment: string; password: string; controlled: boolean };
}

/** Milliseconds until the next candidate is tried beside the first. */
const nextCandidateMs = 150;
const connectTimeoutMs = 15_000;
/** RFC 7675, 5.1: a check about each five seconds, and no more sending after thirty without an answer. */
const consentIntervalMs = 5000;
const consentTimeoutMs = 30_000;

/**
 * One WebRTC transport of the server, seen from the client: ICE, DTLS and SRTP over a socket of its own. RTP that
 * comes in is handed on as it is, still encrypted: its header tells all that a load test counts.
 */
export class MediaConnection {
  /** Each RTP packet, encrypted; `packet` may be kept. The hot path: replace it, do not wrap it. */
  onRtp: (packet: Buffer) => void = () => undefined;
  /** Each compound RTCP packet, decrypted. */
  onRtcp: (packet: Buffer) => void = () => undefined;
  /** The connection ended by itself; not called by `close()`. */
  onFailed: (error: Error) => void = () => undefined;
  /** Payload of UDP or TCP, all kinds of packets. */
  bytesIn = 0;
  bytesOut = 0;
  /** RTP packets. */
  packetsIn = 0;
  packetsOut = 0;
  readonly #info: TransportInfo;
  readonly #options: MediaConnectionOptions;
  readonly #dtls: DtlsClient;
  readonly #paths: MediaPath[] = [];
  #path: MediaPath | undefined;
  #keys: { client: SessionKeys; server: SessionKeys } | undefined;
  #rtcpIndex = 0;
  #transportSequence = 0;
  #consent: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(info: TransportInfo, options: MediaConnectionOptions) {
    this.#info = info;
    this.#options = options;
    const fingerprint = info.dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
    this.#dtls = new DtlsClient({
      certificate: options.certificate,
      remoteFingerprint: fingerprint?.value ?? '',
      srtpProfiles: options.profiles ?? [srtpProfiles.aes128],
      send: (datagram) => this.#send(datagram),
    });
    this.#dtls.onClosed = () => this.#fail(new Error('the server has closed the media connection'));
  }

  get connected(): boolean {
    return this.#keys !== undefined && !this.#closed;
  }

  /** Connects: ICE, then DTLS. @throws Error that says which of the two failed */
  async connect(): Promise<void> {
    const timeout = setTimeout(() => this.#giveUp(), connectTimeoutMs);
    try {
      this.#path = await this.#findPath();
      this.#dtls.start();
      const { profile, exportKeys } = await this.#dtls.connected;
      this.#keys = sessionKeys(profile, exportKeys);
      this.#consent = setInterval(() => this.#keepConsent(), consentIntervalMs * (0.8 + 0.4 * Math.random()));
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** The next transport-wide sequence number, 16 bits, which counts over all streams. */
  nextTransportSequence(): number {
    this.#transportSequence = (this.#transportSequence + 1) & 0xffff;
    return this.#transportSequence;
  }

  /** @param index sequence number with its roll-over counter; @returns what was sent, to be sent again when asked for */
  sendRtp(header: Buffer, payload: Buffer, index: number): Buffer[] | undefined {
    if (!this.#keys || !this.#path || this.#closed) return undefined;
    const parts = protectRtp(this.#keys.client, header, payload, index);
    this.resendRtp(parts);
    return parts;
  }

  /** Sends a protected packet once more, bit by bit the same. */
  resendRtp(parts: Buffer[]): void {
    if (!this.#path || this.#closed) return;
    for (const part of parts) this.bytesOut += part.length;
    this.packetsOut += 1;
    this.#path.socket.send(parts);
  }

  /** @param packet a compound RTCP packet in the clear */
  sendRtcp(packet: Buffer): void {
    if (!this.#keys || this.#closed) return;
    this.#rtcpIndex += 1;
    this.#send(protectRtcp(this.#keys.client, packet, this.#rtcpIndex));
  }

  /** What comes over SCTP, packet by packet, from now on. */
  set onData(listener: (packet: Buffer) => void) {
    this.#dtls.onData = listener;
  }

  /** @param packet of SCTP */
  sendData(packet: Buffer): void {
    if (!this.#closed) this.#dtls.sendData(packet);
  }

  /** The payload of a received packet; undefined where it does not fit the key or the index. */
  open(packet: Buffer, headerBytes: number, index: number): Buffer | undefined {
    return this.#keys && openRtp(this.#keys.server, packet, headerBytes, index);
  }

  /** Over TCP: nothing is read any more, and the connection stays. */
  stopReading(): void {
    this.#path?.socket.stopReading?.();
  }

  /** Idempotent. @param reason for whoever still waits for the connection */
  close(reason?: Error): void {
    if (this.#closed) return;
    this.#dtls.close(reason);
    this.#closed = true;
    clearInterval(this.#consent);
    for (const path of this.#paths) path.close(reason);
  }

  #giveUp(): void {
    const what = this.#path ? 'DTLS' : 'ICE';
    this.#fail(new Error(`the server did not answer: no ${what} connection after ${connectTimeoutMs / 1000} s`));
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.close(error);
    this.onFailed(error);
  }

  /** Tries the candidates, the next a little later beside those before; the first that answers is taken. */
  async #findPath(): Promise<MediaPath> {
    const candidates = this.#candidates();
    if (candidates.length === 0) throw new Error(`the server offers no ${this.#protocol} candidate`);
    const { usernameFragment, password } = this.#info.iceParameters;
    const credentials = {
      remoteFragment: usernameFragment,
      remotePassword: password,
      localFragment: this.#options.credentials?.usernameFragment ?? randomBytes(4).toString('hex'),
      localPassword: this.#options.credentials?.password,
      controlled: this.#options.credentials?.controlled ?? false,
      tieBreaker: randomBytes(8),
    };
    const attempts = candidates.map(async (candidate, place) => {
      if (place > 0) await new Promise((resolve) => setTimeout(resolve, place * nextCandidateMs));
      if (this.#path || this.#closed) throw new Error('another candidate was quicker');
      const path = await MediaPath.open(candidate, credentials);
      this.#paths.push(path);
      if (this.#closed) path.close();
      path.socket.on('message', (packet: Buffer) => this.#receive(packet, path));
      await path.check();
      this.#path ??= path;
      return path;
    });
    const first = await Promise.any(attempts).catch((error: AggregateError) => {
      throw error.errors[0];
    });
    for (const path of this.#paths) if (path !== first) path.close();
    return first;
  }

  get #protocol(): 'udp' | 'tcp' {
    return this.#options.protocol ?? 'udp';
  }

  #candidates(): Candidate[] {
    const usable = this.#info.iceCandidates.filter(({ protocol }) => protocol === this.#protocol);
    const rank = ({ address }: { address: string }) => (this.#options.local && isLoopback(address) ? 0 : 1);
    return usable
      .toSorted((a, b) => rank(a) - rank(b))
      .map(({ address, port, protocol }) => ({ ip: address, port, protocol }));
  }

  #send(datagram: Buffer): void {
    if (!this.#path || this.#closed) return;
    this.bytesOut += datagram.length;
    this.#path.socket.send(datagram);
  }

  /** RFC 7983 tells by the first byte what a packet is. */
  #receive(packet: Buffer, path: MediaPath): void {
    const first = packet.length > 0 ? packet.readUInt8(0) : 0xff;
    this.bytesIn += packet.length;
    if (first >= 128 && first < 192) {
      // RFC 5761, 4: RTCP by its packet types, which RTP does not use as payload types.
      const type = packet.readUInt8(1);
      if (type < 192 || type > 223) {
        this.packetsIn += 1;
        this.onRtp(packet);
      } else if (this.#keys) {
        const plain = openRtcp(this.#keys.server, packet);
        if (plain) this.onRtcp(plain);
      }
    } else if (first < 4) {
      path.receive(packet);
    } else if (first >= 20 && first < 64) {
      this.#dtls.receive(packet);
    }
  }

  #keepConsent(): void {
    if (!this.#path) return;
    if (performance.now() - this.#path.answeredAt > consentTimeoutMs) {
      this.#fail(new Error('the server has not answered a consent check for 30 s'));
      return;
    }
    this.#path.sendCheck();
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address === 'localhost';
}
