import { weightOf } from '../../../../src/signaling/weights.ts';
import { fakeCamera, fakeCapabilities, fakeDtlsParameters } from '../../../support/fakeMedia.ts';
import { type Place, RawSocket } from './RawSocket.ts';
import type { Tally } from './Tally.ts';

/** Sockets with good tokens which ask for far more than they may. */

let lastId = 0;

const joinRequest = JSON.stringify([
  'join',
  { requestId: 'join', recvRtpCapabilities: fakeCapabilities(), dtlsParameters: fakeDtlsParameters() },
]);
/** Dear ones, and some that are wrong; by turns. */
const asked: readonly (readonly [name: string, params: () => object])[] = [
  ['listParticipants', () => ({ query: 'a', limit: 100 })],
  ['updateMetadata', () => ({ requestId: `r${lastId}`, metadata: { text: 'x'.repeat(1000) } })],
  ['raiseHand', () => ({ requestId: `r${lastId}`, raised: lastId % 2 === 0 })],
  ['setView', () => ({ version: lastId, view: { videos: [] } })],
  ['publish', () => fakeCamera(`r${lastId}`)],
  ['startSubscriptions', () => ({ subscriptionIds: ['nobody'] })],
  ['moderate', () => ({ requestId: `r${lastId}`, moderation: { action: 'lock', locked: true } })],
  ['nonsense', () => ({ text: 'x'.repeat(200) })],
];

/** One socket, which comes back when it is told to. */
export class Intruder {
  /** It has been let in and asks for its place in the room at once. */
  onJoining: () => void = () => undefined;
  readonly #place: Place;
  readonly #token: string;
  readonly #tally: Tally;
  #socket: RawSocket | undefined;
  #in = false;
  #going = false;
  #told = false;
  #turn = 0;
  readonly #kindOf = new Map<number, 'joins' | 'requests' | 'chat'>();

  constructor(place: Place, token: string, tally: Tally) {
    this.#place = place;
    this.#token = token;
    this.#tally = tally;
  }

  get away(): boolean {
    return this.#socket === undefined;
  }

  /** Whether it takes more to send. */
  get ready(): boolean {
    return this.#in && this.#socket?.writable === true;
  }

  come(): void {
    const socket = new RawSocket(this.#place);
    this.#socket = socket;
    this.#tally.send('connects');
    socket.onAnswered = (status) => {
      if (status !== '101') this.#refused(`HTTP ${status}`);
    };
    socket.onText = (text) => this.#heard(text, socket);
    socket.onClosed = () => {
      if (!this.#told) this.#tally.answer('connects', this.#outcome());
      if (this.#socket === socket) this.#leave();
    };
  }

  /** Goes without a word, and comes again by another socket. */
  drop(): void {
    this.#going = true;
    this.#socket?.close();
  }

  join(): void {
    this.#send([this.#numbered('joins', joinRequest)]);
    this.#tally.send('joins');
  }

  chat(): void {
    const params = { requestId: `c${lastId}`, text: 'buy now '.repeat(100) };
    this.#send([this.#numbered('chat', JSON.stringify(['sendChat', params]))]);
    this.#tally.send('chat');
  }

  /** Sends requests of that weight together, in one write. */
  ask(weight: number): number {
    const packets: string[] = [];
    let sent = 0;
    while (sent < weight) {
      const [name, params] = asked[this.#turn % asked.length] ?? ['nonsense', () => ({})];
      this.#turn += 1;
      packets.push(this.#numbered('requests', JSON.stringify([name, params()])));
      sent += weightOf(name);
    }
    this.#send(packets);
    this.#tally.send('requests', sent);
    return sent;
  }

  #numbered(kind: 'joins' | 'requests' | 'chat', event: string): string {
    lastId += 1;
    this.#kindOf.set(lastId, kind);
    return `42${lastId}${event}`;
  }

  #send(packets: readonly string[]): void {
    this.#socket?.send(packets);
  }

  #heard(packet: string, socket: RawSocket): void {
    if (packet === '2') socket.send(['3']);
    else if (packet.startsWith('0')) socket.send([`40${JSON.stringify({ token: this.#token })}`]);
    else if (packet.startsWith('44')) this.#refused(codeIn(packet));
    else if (packet.startsWith('42["welcome"')) {
      this.#tally.answer('connects', 'welcome');
      this.#in = true;
      this.onJoining();
      this.join();
    } else if (packet.startsWith('43')) {
      const id = Number.parseInt(packet.slice(2, 20), 10);
      const kind = this.#kindOf.get(id);
      this.#kindOf.delete(id);
      if (kind) this.#tally.answer(kind, packet.includes('"ok":true', 2) ? 'ok' : codeIn(packet));
    }
  }

  #refused(why: string): void {
    this.#told = true;
    this.#tally.answer('connects', why);
  }

  #outcome(): string {
    if (this.#going) return 'gone again';
    return this.#in ? 'thrown out' : 'closed before it was in';
  }

  #leave(): void {
    for (const kind of this.#kindOf.values()) this.#tally.answer(kind, 'no answer');
    this.#kindOf.clear();
    this.#socket = undefined;
    this.#in = false;
    this.#going = false;
    this.#told = false;
  }
}

export function codeIn(packet: string): string {
  return /"code":"([^"]+)"/.exec(packet)?.[1] ?? 'without a code';
}
