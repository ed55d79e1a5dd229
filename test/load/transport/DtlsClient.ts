import { createECDH, randomBytes, sign, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { openRecord, prf, type RecordKeys, recordKeys, sealRecord, sha256 } from './dtlsKeys.ts';
import {
  certificateMessage,
  certificateVerify,
  clientHello,
  clientKeyExchange,
  contentType,
  handshakeMessage,
  handshakeType,
  Reader,
  readCertificate,
  readCookie,
  readServerHello,
  readServerKeyExchange,
  type ServerHello,
  type ServerKeyExchange,
  u16,
  version,
} from './dtlsMessages.ts';
import { type HandshakeMessage, HandshakeReader } from './HandshakeReader.ts';

export interface DtlsOptions {
  certificate: Certificate;
  /** SHA-256 fingerprint that the server's certificate must have. */
  remoteFingerprint: string;
  /** SRTP protection profiles (RFC 5764, RFC 7714), most wanted first. */
  srtpProfiles: readonly number[];
  send: (datagram: Buffer) => void;
}

/** What the handshake is for (RFC 5764, 4.2). */
export interface SrtpSecrets {
  profile: number;
  /** Exports keying material (RFC 5705). */
  exportKeys(length: number): Buffer;
}

const firstTimeoutMs = 250;
const longestTimeoutMs = 3000;
const giveUpMs = 15_000;

/** Everything that the server's first flight has told so far. */
interface Flight {
  hello?: ServerHello;
  certificate?: Buffer;
  keyExchange?: ServerKeyExchange;
  certificateWanted: boolean;
}

/**
 * The client's side of a DTLS 1.2 handshake with the one cipher suite that mediasoup's workers prefer, on Node's own
 * cryptography: about a hundred times cheaper than one in JavaScript, so that a load client can join many at a time.
 */
export class DtlsClient {
  readonly connected: Promise<SrtpSecrets>;
  /** The server has said that it is closing. */
  onClosed: () => void = () => undefined;
  /** Application data, which is SCTP here; nothing is decrypted where nobody listens. */
  onData: ((content: Buffer) => void) | undefined;
  readonly #options: DtlsOptions;
  readonly #random = randomBytes(32);
  readonly #reader = new HandshakeReader();
  readonly #flight: Flight = { certificateWanted: false };
  readonly #deadline = performance.now() + giveUpMs;
  readonly #settle: { resolve: (secrets: SrtpSecrets) => void; reject: (error: Error) => void };
  #transcript: Buffer[] = [];
  #state: 'new' | 'hello' | 'finishing' | 'connected' | 'closed' = 'new';
  #messageSequence = 0;
  readonly #recordSequence = [0, 0];
  #lastFlight: { type: number; epoch: number; content: Buffer }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timeoutMs = firstTimeoutMs;
  #master: Buffer = Buffer.alloc(0);
  #keys: { client: RecordKeys; server: RecordKeys } | undefined;

  constructor(options: DtlsOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<SrtpSecrets>();
    this.connected = promise;
    this.#settle = { resolve, reject };
    // Whoever waits hears of a failure; without anybody waiting it is nobody's loss.
    promise.catch(() => undefined);
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'hello';
    this.#sendHello(Buffer.alloc(0));
  }

  /** @param datagram whose first byte is 20 to 63 (RFC 7983) */
  receive(datagram: Buffer): void {
    if (this.#state === 'closed' || this.#state === 'new') return;
    try {
      const reader = new Reader(datagram);
      while (reader.left > 13) {
        const type = reader.number(1);
        reader.number(2);
        const sequence = reader.bytes(8);
        this.#receiveRecord(type, sequence, reader.vector(2));
      }
    } catch (error) {
      // What is no record is to be passed over (RFC 6347, 4.1.2.7); a wrong handshake ends it.
      if (!(error instanceof RangeError)) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Application data; passed over before the handshake is over. */
  sendData(content: Buffer): void {
    if (this.#state === 'connected') this.#sendRecord(contentType.applicationData, 1, content);
  }

  /** Tells the server that this is the end. Idempotent. @param reason for whoever still waits for the connection */
  close(reason = new Error('the DTLS connection was closed')): void {
    if (this.#state === 'connected') this.#sendRecord(contentType.alert, 1, Buffer.from([1, 0]));
    this.#fail(reason);
  }

  #fail(error: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#settle.reject(error);
  }

  #receiveRecord(type: number, sequence: Buffer, body: Buffer): void {
    const encrypted = sequence.readUInt16BE(0) === 1;
    const isData = type === contentType.applicationData;
    // A load client reads nothing of the data channels that the server opens.
    if ((isData && (!encrypted || !this.onData)) || (encrypted && !this.#keys)) return;
    const content = encrypted && this.#keys ? openRecord(this.#keys.server, sequence, type, body) : body;
    if (!content) return;
    if (isData) this.onData?.(content);
    if (type === contentType.alert) this.#receiveAlert(content, encrypted);
    if (type !== contentType.handshake || this.#state === 'connected') return;
    for (const message of this.#reader.read(content)) this.#receiveMessage(message);
  }

  #receiveAlert(alert: Buffer, encrypted: boolean): void {
    const fatal = 2;
    const closeNotify = 0;
    const [level, description] = [alert.readUInt8(0), alert.readUInt8(1)];
    if (this.#state === 'connected' && encrypted && (level === fatal || description === closeNotify)) {
      this.#fail(new Error('the server has closed the DTLS connection'));
      this.onClosed();
    } else if (this.#state !== 'connected' && level === fatal) {
      this.#fail(new Error(`the server has refused the DTLS handshake with alert ${description}`));
    }
  }

  #receiveMessage(message: HandshakeMessage): void {
    const { type, sequence, body } = message;
    if (type === handshakeType.helloVerifyRequest) {
      // Neither it nor what came before it is part of the transcript (RFC 6347, 4.2.1).
      this.#transcript = [];
      this.#sendHello(readCookie(body));
      return;
    }
    if (type === handshakeType.finished) {
      this.#finish(body);
      return;
    }
    this.#transcript.push(handshakeMessage(type, sequence, body));
    if (type === handshakeType.serverHello) this.#flight.hello = readServerHello(body);
    else if (type === handshakeType.certificate) this.#flight.certificate = readCertificate(body);
    else if (type === handshakeType.serverKeyExchange) this.#flight.keyExchange = readServerKeyExchange(body);
    else if (type === handshakeType.certificateRequest) this.#flight.certificateWanted = true;
    else if (type === handshakeType.serverHelloDone) this.#answer();
  }

  #sendHello(cookie: Buffer): void {
    const body = clientHello(this.#random, cookie, this.#options.srtpProfiles);
    this.#sendFlight([
      { type: contentType.handshake, epoch: 0, content: this.#message(handshakeType.clientHello, body) },
    ]);
  }

  /** The client's second flight: certificate, keys, the proof that both are its own, Finished. */
  #answer(): void {
    if (this.#state !== 'hello') return;
    const { hello, certificate, keyExchange, certificateWanted } = this.#flight;
    if (!hello || !certificate || !keyExchange) throw new Error('the server left out a part of the DTLS handshake');
    if (hello.srtpProfile === undefined) throw new Error('the server takes none of the offered SRTP profiles');
    this.#checkServer(certificate, keyExchange, hello);
    this.#state = 'finishing';
    const { privateKey, der } = this.#options.certificate;
    const ecdh = createECDH('prime256v1');
    const point = ecdh.generateKeys();
    const messages: Buffer[] = [];
    if (certificateWanted) messages.push(this.#message(handshakeType.certificate, certificateMessage(der)));
    messages.push(this.#message(handshakeType.clientKeyExchange, clientKeyExchange(point)));
    this.#makeKeys(ecdh.computeSecret(keyExchange.point), hello);
    if (certificateWanted) {
      const signature = sign('sha256', Buffer.concat(this.#transcript), privateKey);
      messages.push(this.#message(handshakeType.certificateVerify, certificateVerify(signature)));
    }
    const proof = prf(this.#master, 'client finished', sha256(Buffer.concat(this.#transcript)), 12);
    this.#sendFlight([
      ...messages.map((content) => ({ type: contentType.handshake, epoch: 0, content })),
      { type: contentType.changeCipherSpec, epoch: 0, content: Buffer.from([1]) },
      { type: contentType.handshake, epoch: 1, content: this.#message(handshakeType.finished, proof) },
    ]);
  }

  #checkServer(certificate: Buffer, { point, signed, signature }: ServerKeyExchange, { random }: ServerHello): void {
    const parsed = new X509Certificate(certificate);
    if (parsed.fingerprint256 !== this.#options.remoteFingerprint.toUpperCase()) {
      throw new Error("the server's certificate is not the one that its signaling named");
    }
    const covered = Buffer.concat([this.#random, random, signed]);
    if (point.length === 0 || !verify('sha256', covered, parsed.publicKey, signature)) {
      throw new Error("the server's key exchange is not signed with its certificate");
    }
  }

  #makeKeys(preMaster: Buffer, { random, extendedMasterSecret }: ServerHello): void {
    // RFC 7627, 4: bound to everything up to the client's key exchange.
    this.#master = extendedMasterSecret
      ? prf(preMaster, 'extended master secret', sha256(Buffer.concat(this.#transcript)), 48)
      : prf(preMaster, 'master secret', Buffer.concat([this.#random, random]), 48);
    this.#keys = recordKeys(this.#master, this.#random, random);
  }

  #finish(proof: Buffer): void {
    const { hello } = this.#flight;
    if (this.#state !== 'finishing' || !hello || hello.srtpProfile === undefined) return;
    const expected = prf(this.#master, 'server finished', sha256(Buffer.concat(this.#transcript)), 12);
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
      throw new Error('the server saw another DTLS handshake than this client');
    }
    this.#state = 'connected';
    clearTimeout(this.#timer);
    this.#transcript = [];
    this.#lastFlight = [];
    const randoms = Buffer.concat([this.#random, hello.random]);
    const master = this.#master;
    this.#settle.resolve({
      profile: hello.srtpProfile,
      exportKeys: (length) => prf(master, 'EXTRACTOR-dtls_srtp', randoms, length),
    });
  }

  #message(type: number, body: Buffer): Buffer {
    const message = handshakeMessage(type, this.#messageSequence, body);
    this.#messageSequence += 1;
    this.#transcript.push(message);
    return message;
  }

  #sendFlight(flight: { type: number; epoch: number; content: Buffer }[]): void {
    this.#lastFlight = flight;
    this.#timeoutMs = firstTimeoutMs;
    this.#transmit();
  }

  #transmit(): void {
    clearTimeout(this.#timer);
    for (const { type, epoch, content } of this.#lastFlight) this.#sendRecord(type, epoch, content);
    this.#timer = setTimeout(() => {
      if (performance.now() > this.#deadline) {
        this.#fail(new Error(`the DTLS handshake got no answer for ${giveUpMs / 1000} s`));
        return;
      }
      this.#timeoutMs = Math.min(longestTimeoutMs, this.#timeoutMs * 2);
      this.#transmit();
    }, this.#timeoutMs);
  }

  #sendRecord(type: number, epoch: number, content: Buffer): void {
    const sequence = Buffer.alloc(8);
    sequence.writeUInt16BE(epoch, 0);
    sequence.writeUIntBE(this.#recordSequence[epoch] ?? 0, 2, 6);
    this.#recordSequence[epoch] = (this.#recordSequence[epoch] ?? 0) + 1;
    const body = epoch === 1 && this.#keys ? sealRecord(this.#keys.client, sequence, type, content) : content;
    this.#options.send(Buffer.concat([Buffer.from([type]), u16(version), sequence, u16(body.length), body]));
  }
}
