import { connect } from 'node:net';
import { io, type Socket } from 'socket.io-client';

/**
 * A stranger and some participants who ask for far more than they may, in a process of their own, from an address of their
 * own. Its argument is an `Attack` as JSON; prints an `AttackReport` when it ends.
 */

export interface Attack {
  port: number;
  /** An address of this machine. */
  from: string;
  seconds: number;
  /** A second. */
  handshakes: number;
  /** A second, over each socket. */
  requests: number;
  /** One for each socket. */
  tokens: string[];
}

export interface AttackReport {
  /** Handshakes that became a connection, and those that did not. */
  taken: number;
  refused: number;
  /** Requests by the code of their answer; `ok` where there is none. */
  answers: Record<string, number>;
  /** How often the server closed a socket that had come in. */
  disconnected: number;
}

/** Between two moments at which something is sent, in milliseconds. */
const stepMs = 20;

const { port, from, seconds, handshakes, requests, tokens }: Attack = JSON.parse(process.argv[2] ?? '');
const report: AttackReport = { taken: 0, refused: 0, answers: {}, disconnected: 0 };

const upgrade = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

function shake(): void {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from }, () => socket.write(upgrade));
  socket.once('data', (data) => {
    if (data.toString('latin1').startsWith('HTTP/1.1 101')) report.taken += 1;
    else report.refused += 1;
    socket.destroy();
  });
  // What the server thinks of it is counted above; a connection that it ends is what it is for.
  socket.on('error', () => socket.destroy());
}

function come(token: string): Socket {
  // `localAddress` is none of the options that socket.io declares; it hands it on to what opens the connection.
  const options = { auth: { token }, transports: ['websocket'], forceNew: true, localAddress: from };
  const socket = io(`http://127.0.0.1:${port}`, options);
  socket.on('disconnect', () => {
    report.disconnected += 1;
    setTimeout(() => socket.connect(), 100);
  });
  return socket;
}

let id = 0;

function ask(socket: Socket): void {
  id += 1;
  const kinds: [string, object][] = [
    ['sendChat', { requestId: `a${id}`, text: 'x'.repeat(1000) }],
    ['listParticipants', { query: 'a' }],
    ['join', {}],
    ['updateMetadata', { requestId: `a${id}`, metadata: { text: 'x'.repeat(1000) } }],
  ];
  const [name, params] = kinds[id % kinds.length] ?? ['nonsense', {}];
  socket.emit(name, params, (answer: { ok: boolean; error?: { code: string } }) => {
    const code = answer.error?.code ?? 'ok';
    report.answers[code] = (report.answers[code] ?? 0) + 1;
  });
}

const sockets = tokens.map(come);
const due = { handshakes: 0, requests: 0 };
const timer = setInterval(() => {
  due.handshakes += (handshakes * stepMs) / 1000;
  due.requests += (requests * stepMs) / 1000;
  for (; due.handshakes >= 1; due.handshakes -= 1) shake();
  for (; due.requests >= 1; due.requests -= 1) for (const socket of sockets) if (socket.connected) ask(socket);
}, stepMs);

setTimeout(() => {
  clearInterval(timer);
  process.stdout.write(JSON.stringify(report), () => process.exit(0));
}, seconds * 1000);
