import { createAccessToken } from '../../../src/auth/index.ts';
import { fakeCapabilities, fakeDtlsParameters } from '../../support/fakeMedia.ts';
import { testSecret } from '../../support/testServer.ts';
import type { FuzzMessage } from '../generate/messages.ts';
import { jsonOf } from '../generate/placeholders.ts';
import type { Findings } from './Findings.ts';
import { ClientNames, Known } from './Known.ts';
import { nameOfRequest } from './Outcomes.ts';
import { type SocketAnswer, SocketClient } from './SocketClient.ts';

/** One of the two rooms that are attacked. */
export class FuzzRoom {
  readonly known = new Known();
  #generation = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  get name(): string {
    return `${this.#name}-${this.#generation}`;
  }

  /** It lets nobody in any more: closed, locked or full. */
  giveUp(): void {
    this.#generation += 1;
    this.known.forgetAll();
  }
}

let visits = 0;
let joins = 0;

/** Who hears one of these joins again, over the same socket: another room, or a door that has opened. */
const joinsAgain: readonly unknown[] = ['moved', 'admitted'];

/** An attacker with a good token: comes back as somebody else whenever it was thrown out. */
export class Visitor {
  readonly #url: string;
  readonly #findings: Findings;
  readonly #rooms: readonly [here: FuzzRoom, elsewhere: FuzzRoom];
  #client: SocketClient | undefined;
  #arriving: Promise<SocketClient> | undefined;
  #names: ClientNames;
  /** What it has published over the socket that it has now. */
  #own = new Known();
  readonly #moderator: boolean;
  #closed = false;

  /** @param moderator who is none may have to wait in the lobby; who may do nothing is refused before anything is tried */
  constructor(url: string, findings: Findings, rooms: readonly [FuzzRoom, FuzzRoom], moderator = true) {
    this.#moderator = moderator;
    this.#url = url;
    this.#findings = findings;
    this.#rooms = rooms;
    this.#names = new ClientNames(rooms[0].name, rooms[0].known, rooms[1].known);
  }

  /** @param joined whether it enters the room as it should; else the message may be what it begins with */
  async say({ name, args, ack }: FuzzMessage, joined: boolean): Promise<SocketAnswer | undefined> {
    const client = await this.#present(joined);
    const event = jsonOf([name, ...args], this.#names);
    if (!ack) {
      client.send(`42${event}`);
      return undefined;
    }
    const own = this.#own;
    const answer = this.#judge(nameOfRequest(name, args[0]), event, await client.ask(event));
    if (answer?.ok && name === 'publish') own.hear(answer.data);
    return answer;
  }

  /** A good request, if nobody has closed the socket: it must be answered. */
  async isHeard(): Promise<void> {
    if (!this.#client?.open) return;
    const event = '["listParticipants",{"limit":1}]';
    this.#judge('a request among odd packets', event, await this.#client.ask(event));
  }

  /** Any packet, over a socket that is open. */
  async throwPacket(packet: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const client = await this.#present(true);
    client.send(packet);
  }

  close(): void {
    this.#closed = true;
    this.#client?.close();
  }

  #judge(what: string, event: string, answer: SocketAnswer | undefined): SocketAnswer | undefined {
    this.#findings.outcomes.add(what, !answer ? 'no answer' : answer.ok ? 'ok' : answer.error.code);
    if (answer && !answer.ok && answer.error.code === 'internal') {
      this.#findings.add(`the server failed (${answer.error.message}) at ${event.slice(0, 500)}`);
    }
    return answer;
  }

  async #present(joined: boolean): Promise<SocketClient> {
    if (this.#client?.open) return this.#client;
    if (this.#closed) throw new Error('this visitor has gone');
    this.#arriving ??= this.#arrive(joined).finally(() => {
      this.#arriving = undefined;
    });
    return this.#arriving;
  }

  async #arrive(joined: boolean): Promise<SocketClient> {
    visits += 1;
    const [here, elsewhere] = this.#rooms;
    const room = here.name;
    const token = await createAccessToken(testSecret, {
      room,
      identity: `visitor-${visits}`,
      grants: { moderator: this.#moderator },
    });
    const client = await SocketClient.connect(this.#url, JSON.stringify({ token }), this.#findings);
    client.onHeard = (heard) => {
      here.known.hear(heard);
      if (Array.isArray(heard) && joinsAgain.includes(heard[0])) void this.#join(client);
    };
    this.#own = new Known();
    this.#names = new ClientNames(room, here.known, elsewhere.known, this.#own);
    if (joined) await this.#join(client);
    this.#client = client;
    if (this.#closed) client.close();
    return client;
  }

  async #join(client: SocketClient): Promise<void> {
    joins += 1;
    const params = {
      requestId: `join-${joins}`,
      recvRtpCapabilities: fakeCapabilities(),
      dtlsParameters: fakeDtlsParameters(),
    };
    const event = JSON.stringify(['join', params]);
    const answer = this.#judge('join', event, await client.ask(event));
    // Who waits in the lobby stays.
    if (answer && !answer.ok && answer.error.code !== 'in-lobby') this.#rooms[0].giveUp();
  }
}
