import type { Notice, NoticeName } from '../../../src/protocol/index.ts';
import { notices } from '../../../src/protocol/index.ts';
import { FakeSocket } from './FakeSocket.ts';
import { fieldOf, media, type Refusal, type Visit } from './FakeVisit.ts';
import { messageOfBob, roomWith, welcomeTo } from './messages.ts';

/** How long it keeps a visit whose socket is gone, in milliseconds. */
const graceMs = 30_000;

/**
 * The server behind the SDK's sockets, for one person: it knows visits, lets them go on, forgets them, refuses, goes and
 * comes back. The messages are the protocol's; media there are none.
 */
export class FakeServer {
  /** What becomes of new sockets. `dropping`: they get no answer at all. `refusing`: nobody listens. */
  network: 'up' | 'dropping' | 'refusing' = 'up';
  /** With this every handshake, every join or every other request is refused; `times`: so often. */
  refuses: Refusal | undefined;
  /** The room to which all tokens lead. */
  room = 'r';
  /** How long whatever it hears and says is under way, in milliseconds. */
  latencyMs = 20;
  /** By how many milliseconds its clock is ahead of the client's. */
  clockAheadMs = 0;
  /** What is published first is muted. */
  startsMuted = false;
  /** Requests are heard and not answered. */
  mute = false;
  /** When the client has begun to connect, in milliseconds of `performance.now()`. */
  readonly attempts: number[] = [];
  /** Names of the requests that came, in order. */
  readonly requests: string[] = [];
  /** Most people that were in the room at a time: more than one is a ghost. */
  most = 0;
  readonly #sockets = new Set<FakeSocket>();
  readonly #visits = new Map<string, Visit>();
  #count = 0;
  #revision = 1;

  readonly io = (_url: string, options: ConstructorParameters<typeof FakeSocket>[1]): FakeSocket =>
    new FakeSocket(this, options);

  /** Who is in the room. */
  get joined(): readonly Visit[] {
    return [...this.#visits.values()].filter((visit) => visit.joined);
  }

  /** Those that the client has not closed, connected or not. */
  get openSockets(): number {
    return [...this.#sockets].filter(({ closed }) => !closed).length;
  }

  opening(socket: FakeSocket): void {
    this.attempts.push(performance.now());
    this.#sockets.add(socket);
    // What was dropped once is not sent again in time.
    if (this.network === 'dropping') return;
    setTimeout(() => {
      if (socket.closed) return;
      if (this.network === 'refusing') socket.break();
      else if (this.network === 'up') this.#handshake(socket);
    }, this.latencyMs);
  }

  #handshake(socket: FakeSocket): void {
    const data = this.#refusal('handshake');
    if (data) {
      socket.hear('connect_error', Object.assign(new Error('no'), { data }));
      return;
    }
    socket.accept();
    const { resume } = socket.auth;
    const kept = resume && this.#visits.get(resume.key);
    const visit = kept ?? this.#begin();
    clearTimeout(visit.grace);
    const overtaken = visit.socket;
    visit.socket = socket;
    overtaken?.break();
    const missed = visit.missed.splice(0);
    this.#welcome(socket, visit, kept ? 'resumed' : resume ? 'refused' : 'new');
    for (const tell of missed) tell();
  }

  #welcome(socket: FakeSocket, visit: Visit, session: Notice<'welcome'>['session']): void {
    this.#tell(socket, 'welcome', welcomeTo({ room: this.room, resumeKey: visit.key, session }));
  }

  #begin(): Visit {
    this.#count += 1;
    const key = `key-${this.#count}`;
    const participantId = `p-${this.#count}`;
    const fresh = {
      missed: [],
      muted: new Map(),
      answered: new Map(),
      socket: undefined,
      joined: false,
      seq: 0,
      grace: undefined,
    };
    const visit = { key, participantId, ...fresh };
    this.#visits.set(key, visit);
    return visit;
  }

  #tell<N extends NoticeName>(socket: FakeSocket, name: N, payload: Notice<N>): void {
    socket.hear(name, notices[name].payload.parse(payload));
  }

  request(socket: FakeSocket, name: string, params: unknown, ack: (answer: unknown) => void): void {
    setTimeout(() => {
      const visit = this.#visitOf(socket);
      if (!visit || socket.silent) return;
      this.requests.push(name);
      const id = fieldOf(params, 'requestId');
      const error = this.#refusal(name === 'join' ? 'join' : 'request');
      const answer = error ? { ok: false, error } : (visit.answered.get(id) ?? this.#answer(visit, name, params));
      if (id !== undefined && !error) visit.answered.set(id, answer);
      if (this.mute) return;
      setTimeout(() => {
        if (!socket.closed && !socket.silent) ack(answer);
      }, this.latencyMs);
    }, this.latencyMs);
  }

  #refusal(at: 'handshake' | 'join' | 'request'): object | undefined {
    const { refuses } = this;
    if (refuses?.at !== at) return undefined;
    const { code, retryAfterMs, removed, times = Number.POSITIVE_INFINITY } = refuses;
    this.refuses = times > 1 ? { ...refuses, times: times - 1 } : undefined;
    return { code, message: 'no', ...(retryAfterMs !== undefined && { retryAfterMs }), ...(removed && { removed }) };
  }

  #answer(visit: Visit, name: string, params: unknown): object {
    const given = (key: string) => fieldOf(params, key);
    const ok = (data: object = {}) => ({ ok: true, data });
    switch (name) {
      case 'join':
        return ok(this.#join(visit));
      case 'leave':
        this.#forget(visit);
        return ok();
      case 'publish': {
        this.#count += 1;
        const publicationId = `pub-${this.#count}`;
        const muted = given('muted') === true || this.startsMuted;
        visit.muted.set(publicationId, muted);
        return ok({ publicationId, muted });
      }
      case 'restorePublication':
      case 'updatePublication':
        visit.muted.set(String(given('publicationId')), given('muted') === true);
        return ok();
      case 'unpublish':
        visit.muted.delete(String(given('publicationId')));
        return ok();
      case 'restartIce':
        return ok({ iceParameters: { usernameFragment: 'u', password: 'p' } });
      case 'setView':
        return ok({ version: given('version') });
      case 'sendChat':
        return ok({ chatId: 'c', sentAt: 0 });
      default:
        return ok();
    }
  }

  #join(visit: Visit): object {
    for (const former of this.joined) this.remove('replaced', former);
    visit.joined = true;
    this.most = Math.max(this.most, this.joined.length);
    const { participantId } = visit;
    const now = Date.now() + this.clockAheadMs;
    return { ...media(), participantId, room: roomWith(participantId, this.room, this.#revision, now) };
  }

  #visitOf(socket: FakeSocket): Visit | undefined {
    return [...this.#visits.values()].find((visit) => visit.socket === socket);
  }

  /** The client has gone, or its socket. */
  gone(socket: FakeSocket, goodbye: boolean): void {
    this.#sockets.delete(socket);
    const visit = this.#visitOf(socket);
    if (!visit) return;
    visit.socket = undefined;
    if (goodbye || !visit.joined) this.#forget(visit);
    else visit.grace = setTimeout(() => this.#forget(visit), graceMs);
  }

  #forget(visit: Visit): void {
    clearTimeout(visit.grace);
    this.#visits.delete(visit.key);
  }

  #notify<N extends NoticeName>(visit: Visit, name: N, payload: Omit<Notice<N>, 'seq'>): void {
    visit.seq += 1;
    visit.socket?.hear(name, notices[name].payload.parse({ ...payload, seq: visit.seq }));
  }

  /** Who waits in the lobby, where `refuses` says that there is one, may come in; or may not. */
  admit(): void {
    this.refuses = undefined;
    for (const visit of this.#visits.values()) if (!visit.joined) this.#notify(visit, 'admitted', {});
  }

  turnAway(): void {
    for (const visit of [...this.#visits.values()]) if (!visit.joined) this.remove('refused', visit);
  }

  /** Its person is moved: `welcome` of another visit follows on the same socket, where there is one. */
  move(room: string, by = { identity: 'mia', displayName: 'Mia' }): void {
    this.room = room;
    for (const former of this.joined) {
      const { socket } = former;
      this.#notify(former, 'moved', { room, by });
      former.socket = undefined;
      this.#forget(former);
      if (!socket) continue;
      const next = this.#begin();
      next.socket = socket;
      this.#welcome(socket, next, 'new');
    }
  }

  /** Somebody says something to everybody. */
  say(text: string): void {
    for (const { socket } of this.joined) socket?.hear('chat', messageOfBob(text));
  }

  /** It ends the visit that there is. */
  remove(reason: Notice<'removed'>['reason'], visit = this.joined[0]): void {
    if (!visit) return;
    this.#notify(visit, 'removed', { reason, message: reason });
    this.#end(visit);
  }

  /** Of what is published; told when the client comes back, where it is away. */
  moderate(what: 'muted' | 'unpublished', only?: readonly (string | undefined)[]): void {
    for (const visit of this.joined) {
      for (const publicationId of [...visit.muted.keys()].filter((each) => only?.includes(each) ?? true)) {
        if (what === 'muted') visit.muted.set(publicationId, true);
        else visit.muted.delete(publicationId);
        const tell = () => this.#notify(visit, what, { publicationId, by: { displayName: 'Mia' } });
        if (visit.socket) tell();
        else visit.missed.push(tell);
      }
    }
  }

  grant(grants: Notice<'grantsChanged'>['grants']): void {
    for (const visit of this.joined) this.#notify(visit, 'grantsChanged', { grants, by: { displayName: 'Mia' } });
  }

  closeRoom(reason: Notice<'roomClosed'>['reason'], rejoin: boolean): void {
    for (const visit of this.joined) {
      this.#notify(visit, 'roomClosed', { reason, rejoin });
      this.#end(visit);
    }
  }

  #end(visit: Visit): void {
    this.#forget(visit);
    visit.socket?.break();
  }

  drain(until: number): void {
    for (const visit of this.joined) this.#notify(visit, 'draining', { until });
  }

  /** Something has changed in the room. */
  change(delta: Omit<Notice<'roomChanged'>, 'revision'>): void {
    this.#revision += 1;
    for (const { socket } of this.joined) {
      if (socket) this.#tell(socket, 'roomChanged', { ...delta, revision: this.#revision });
    }
  }

  /** The media of the visit go to another worker. */
  resetMedia(): void {
    for (const visit of this.joined) {
      const introduced = { participants: [], publications: [] };
      this.#notify(visit, 'mediaReset', { ...media(), introduced });
    }
  }

  cut(): void {
    for (const socket of this.#sockets) socket.break();
  }

  silence(): void {
    for (const socket of this.#sockets) socket.silent = true;
  }

  /** It knows nobody any more: it has been started anew, or has waited for too long. */
  forget(): void {
    for (const visit of [...this.#visits.values()]) this.#forget(visit);
  }
}
