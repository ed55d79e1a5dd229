import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { codeIn } from './Intruder.ts';
import { type Place, RawSocket } from './RawSocket.ts';
import type { Tally } from './Tally.ts';

/** What somebody sends who has no token: each call of a function is one attempt. */

/** Tokens that are wrong in one way each. */
export function badTokens(good: string): string[] {
  const [header = '', payload = '', signature = ''] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return [
    `${header}.${payload}.${signature.split('').reverse().join('')}`,
    `${none}.${payload}.`,
    `${header}.${Buffer.from('{"room":"x"}').toString('base64url')}.${signature}`,
    'x'.repeat(8000),
    '',
  ];
}

/** @param token none: it says nothing, and stays as long as it may */
export function shake(place: Place, tally: Tally, token: string | undefined): void {
  const socket = new RawSocket(place);
  const what = token === undefined ? 'silent' : 'bad token';
  tally.send('connects');
  socket.onAnswered = (status) => {
    if (status !== '101') tally.answer('connects', `HTTP ${status}`);
  };
  socket.onText = (packet) => {
    if (packet.startsWith('0') && token !== undefined) socket.send([`40${JSON.stringify({ token })}`]);
    else if (packet.startsWith('44')) {
      tally.answer('connects', `${what}: ${codeIn(packet)}`);
      socket.close();
    } else if (packet === '2') socket.send(['3']);
    else if (packet.startsWith('40')) tally.answer('connects', `${what}: LET IN`);
  };
}

const pages = ['/', '/ready', '/health', '/metrics', '/api/v1/rooms', '/..%2f..%2fetc/passwd', '/socket.io/?EIO=4'];
const inTurn = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];
const body = `{"room":${'['.repeat(2000)}`;
let turn = 0;

/** A page over a connection of its own. */
export function visit(place: Place, tally: Tally): void {
  turn += 1;
  const head = `Host: ${place.host}\r\nConnection: close\r\n`;
  const request =
    turn % 4 === 0
      ? `POST /api/token HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      : `GET ${inTurn(pages, turn)} HTTP/1.1\r\n${head}\r\n`;
  tally.send('http');
  let status: string | undefined;
  const socket = connect(place, () => socket.write(request));
  socket.on('data', (bytes) => {
    status ??= bytes.toString('latin1', 9, 12);
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => tally.answer('http', status ?? 'no answer'));
}

/** What looks like STUN, DTLS and RTP, and is none; from ports that nobody knows. */
export class Junk {
  readonly #sockets = Array.from({ length: 8 }, () => createSocket('udp4'));
  readonly #host: string;
  readonly #ports: readonly number[];
  readonly #tally: Tally;
  readonly #packets = [
    Buffer.concat([Buffer.from([0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42]), randomBytes(20)]),
    Buffer.concat([Buffer.from([22, 254, 253]), randomBytes(200)]),
    Buffer.concat([Buffer.from([0x80, 96]), randomBytes(1100)]),
    Buffer.concat([Buffer.from([0x80, 200]), randomBytes(60)]),
    randomBytes(1200),
  ];
  #turn = 0;

  constructor(host: string, ports: readonly number[], tally: Tally) {
    this.#host = host;
    this.#ports = ports;
    this.#tally = tally;
    // A port that is not there is told by ICMP, which changes nothing.
    for (const socket of this.#sockets) socket.on('error', () => undefined);
  }

  send(): void {
    this.#turn += 1;
    const packet = inTurn(this.#packets, this.#turn);
    inTurn(this.#sockets, this.#turn)?.send(packet ?? '', inTurn(this.#ports, this.#turn), this.#host);
    this.#tally.send('datagrams');
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
