import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { FramedTcp } from './FramedTcp.ts';
import { answerToCheck, bindingRequestFor, type IceCredentials, readAnswer } from './stun.ts';

/** What the kernel keeps for a client that is busy elsewhere; it gives what net.core.rmem_max allows. */
const receiveBufferBytes = 4 * 1024 * 1024;
const firstRetryMs = 50;
const longestRetryMs = 800;

/** Where the server can be reached. */
export interface Candidate {
  ip: string;
  port: number;
  protocol: 'udp' | 'tcp';
}

/** What a UDP socket and packets over TCP have in common. */
interface PacketSocket {
  send(packet: Buffer | Buffer[]): void;
  on(event: 'message', listener: (packet: Buffer) => void): unknown;
  close(): void;
  /** Where it is TCP. */
  stopReading?(): void;
}

/** A socket of its own between this client and one candidate of the server, and the checks that keep it open. */
export class MediaPath {
  readonly socket: PacketSocket;
  readonly #candidate: Candidate;
  readonly #credentials: IceCredentials;
  readonly #answered = Promise.withResolvers<void>();
  /** Checks that wait for their answer: transaction id -> when sent. */
  readonly #checks = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;
  #answeredAt = 0;
  #closed = false;

  /** Opens the socket; nothing is sent yet. */
  static async open(candidate: Candidate, credentials: IceCredentials): Promise<MediaPath> {
    const socket = await (candidate.protocol === 'tcp' ? FramedTcp.open(candidate) : openUdp(candidate));
    return new MediaPath(socket, candidate, credentials);
  }

  private constructor(socket: PacketSocket, candidate: Candidate, credentials: IceCredentials) {
    this.socket = socket;
    this.#candidate = candidate;
    this.#credentials = credentials;
    this.#answered.promise.catch(() => undefined);
  }

  /** `performance.now()` of the last answer to a check; 0 before the first. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** Sends checks until the first is answered. */
  async check(): Promise<void> {
    this.#sendAgain(firstRetryMs);
    await this.#answered.promise;
  }

  /** One check, for consent to go on sending (RFC 7675). */
  sendCheck(): void {
    const transactionId = randomBytes(12);
    this.#checks.set(transactionId.toString('latin1'), performance.now());
    if (this.#checks.size > 10) this.#checks.delete(this.#checks.keys().next().value ?? '');
    this.socket.send(bindingRequestFor(this.#credentials, transactionId));
  }

  /** @returns milliseconds of the round trip, where this was the answer to a check */
  receive(packet: Buffer): number | undefined {
    if (this.#answerCheck(packet)) return undefined;
    const answer = readAnswer(packet, this.#credentials.remotePassword);
    if (answer.kind === 'other') return undefined;
    const key = answer.transactionId.toString('latin1');
    const sentAt = this.#checks.get(key);
    if (sentAt === undefined) return undefined;
    this.#checks.delete(key);
    if (answer.kind === 'error') {
      this.#fail(new Error(`the server refused the ICE check with ${answer.code}`));
      return undefined;
    }
    clearTimeout(this.#retry);
    this.#answeredAt = performance.now();
    this.#answered.resolve();
    return this.#answeredAt - sentAt;
  }

  /** @param reason for whoever still waits for an answer */
  close(reason = new Error('the connection was closed')): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fail(reason);
    this.socket.close();
  }

  #answerCheck(packet: Buffer): boolean {
    const { localPassword } = this.#credentials;
    const answer = localPassword && answerToCheck(packet, localPassword, this.#candidate);
    if (answer) this.socket.send(answer);
    return Boolean(answer);
  }

  #sendAgain(waitMs: number): void {
    this.sendCheck();
    this.#retry = setTimeout(() => this.#sendAgain(Math.min(longestRetryMs, waitMs * 2)), waitMs);
  }

  #fail(error: Error): void {
    clearTimeout(this.#retry);
    this.#answered.reject(error);
  }
}

async function openUdp({ ip, port }: Candidate): Promise<PacketSocket> {
  const socket = createSocket({
    type: isIPv6(ip) ? 'udp6' : 'udp4',
    recvBufferSize: receiveBufferBytes,
    sendBufferSize: receiveBufferBytes,
  });
  try {
    socket.connect(port, ip);
    await once(socket, 'connect');
  } catch (error) {
    socket.close();
    throw error;
  }
  // A refused datagram (nobody listens there) is what the checks find out by themselves.
  socket.on('error', () => undefined);
  return socket;
}
