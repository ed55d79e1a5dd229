import type { CheckedGrant } from '../auth/TokenService.ts';
import type { ResumePoint } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';
import type { KeptNotice } from './NoticeRing.ts';

/** So many ended visits are remembered; each for the sake of a client that was out of touch when it was told. */
const mostEnded = 1000;

/** The visits that go on, by the key with which each can be resumed, and those that were ended lately. */
export class Visits {
  readonly #open = new Map<string, Connection>();
  /** The one that ended last comes last. */
  readonly #ended = new Map<string, { grant: CheckedGrant; farewell: KeptNotice }>();

  add(connection: Connection): void {
    this.#open.set(connection.resumeKey, connection);
  }

  has(key: string | undefined): boolean {
    return key !== undefined && this.#open.has(key);
  }

  ended(connection: Connection): void {
    this.#open.delete(connection.resumeKey);
    const { grant, link, resumeKey } = connection;
    if (!link.farewell) return;
    this.#ended.set(resumeKey, { grant, farewell: link.farewell });
    const [oldest] = this.#ended.keys();
    if (oldest !== undefined && this.#ended.size > mostEnded) this.#ended.delete(oldest);
  }

  /** The visit that a client with this token may go on with. */
  find(point: ResumePoint, grant: CheckedGrant): Connection | undefined {
    const connection = this.#open.get(point.key);
    if (connection?.phase !== 'joined' || !isSamePerson(connection.grant, grant)) return undefined;
    const { link, joined } = connection;
    if (link.knowsMedia(point.seq)) return connection;
    // No snapshot tells of the transports of now: then all that was missed must be told one by one.
    const isKept = link.since(point.seq) && joined.room.outlook.missed(joined.participant, point);
    return isKept ? connection : undefined;
  }

  /** What the client of a visit was told when others, or the room, ended it: it may not have heard it. */
  farewellTo(key: string, grant: CheckedGrant): KeptNotice | undefined {
    const ended = this.#ended.get(key);
    return ended && isSamePerson(ended.grant, grant) ? ended.farewell : undefined;
  }
}

function isSamePerson(one: CheckedGrant, other: CheckedGrant): boolean {
  return one.room === other.room && one.identity === other.identity;
}
