import type { CheckedGrant } from '../auth/TokenService.ts';
import type { ResumePoint } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';
import type { KeptNotice } from './NoticeRing.ts';

/** Who shows a token, and the room to which it leads. */
interface Person {
  grant: CheckedGrant;
  room: string;
}

/** So many ended visits are remembered; each for the sake of a client that was out of touch when it was told. */
const mostEnded = 1000;

/** The visits that go on, by the key with which each can be resumed, and those that were ended lately. */
export class Visits {
  readonly #open = new Map<string, Connection>();
  /** The one that ended last comes last. */
  readonly #ended = new Map<string, { person: Person; farewell: KeptNotice }>();

  add(connection: Connection): void {
    this.#open.set(connection.resumeKey, connection);
  }

  has(key: string | undefined): boolean {
    return key !== undefined && this.#open.has(key);
  }

  /** Whether the client that has joined in that visit has shown this token before. */
  wasShown(key: string | undefined, token: string): boolean {
    const connection = key === undefined ? undefined : this.#open.get(key);
    return connection?.phase === 'joined' && connection.hasShown(token);
  }

  ended(connection: Connection): void {
    this.#open.delete(connection.resumeKey);
    const { grant, room, link, resumeKey } = connection;
    if (!link.farewell) return;
    this.#ended.set(resumeKey, { person: { grant, room }, farewell: link.farewell });
    const [oldest] = this.#ended.keys();
    if (oldest !== undefined && this.#ended.size > mostEnded) this.#ended.delete(oldest);
  }

  /** The visit of this person with that key, if it has joined. */
  own(key: string, { grant, room }: Person): Connection | undefined {
    const connection = this.#open.get(key);
    const isOwn = connection?.room === room && connection.grant.identity === grant.identity;
    return isOwn && connection.phase === 'joined' ? connection : undefined;
  }

  /** The visit that a client of this person may go on with. */
  find(point: ResumePoint, person: Person): Connection | undefined {
    const connection = this.own(point.key, person);
    if (!connection) return undefined;
    const { link, joined } = connection;
    if (link.knowsMedia(point.seq)) return connection;
    // No snapshot tells of the transports of now: then all that was missed must be told one by one.
    const isKept = link.since(point.seq) && joined.room.outlook.missed(joined.participant, point);
    return isKept ? connection : undefined;
  }

  /** What the client of a visit was told when others, or the room, ended it: it may not have heard it. */
  farewellTo(key: string, { grant, room }: Person): KeptNotice | undefined {
    const ended = this.#ended.get(key);
    if (!ended || ended.person.grant.identity !== grant.identity) return undefined;
    // Who was moved has a token of the former room, which leads elsewhere now.
    return ended.person.room === room || ended.person.grant.room === grant.room ? ended.farewell : undefined;
  }
}
