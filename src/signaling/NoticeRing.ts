import type { NoticeName } from '../protocol/index.ts';

export interface KeptNotice {
  readonly seq: number;
  readonly name: NoticeName;
  readonly payload: object;
}

/** Personal notices are few; beyond this a snapshot says the same with less. */
const most = 256;
/** In characters of JSON; looked at only while the client is away. */
const mostCharacters = 256 * 1024;

/** The last personal notices of one visit that its client may not have received. */
export class NoticeRing {
  readonly #kept: KeptNotice[] = [];
  /** Of each that is kept, while they are being weighed. */
  #weights: number[] | undefined;
  #characters = 0;
  #lastSeq = 0;
  #seqAtHeartbeat = 0;

  add(notice: KeptNotice): void {
    this.#kept.push(notice);
    this.#lastSeq = notice.seq;
    this.#weigh(notice);
    this.#bound();
  }

  /** The client has answered a heartbeat: it has what was sent before, as messages keep their order on a socket. */
  heartbeat(): void {
    // The question left after the answer before: what was sent until then has arrived.
    const arrived = this.#kept.findLastIndex(({ seq }) => seq <= this.#seqAtHeartbeat) + 1;
    this.#kept.splice(0, arrived);
    this.#seqAtHeartbeat = this.#lastSeq;
  }

  /** Whether the client is away: then there is a bound for the size of what is kept, too. */
  setAway(away: boolean): void {
    this.#seqAtHeartbeat = 0;
    this.#characters = 0;
    this.#weights = away ? [] : undefined;
    for (const notice of this.#kept) this.#weigh(notice);
    this.#bound();
  }

  /** All after that number, in order; undefined where some of them are no longer kept, or never were. */
  since(seq: number): KeptNotice[] | undefined {
    if (seq > this.#lastSeq) return undefined;
    const missed = this.#kept.filter((notice) => notice.seq > seq);
    return missed.length === this.#lastSeq - seq ? missed : undefined;
  }

  #weigh({ payload }: KeptNotice): void {
    if (!this.#weights) return;
    const characters = JSON.stringify(payload).length;
    this.#weights.push(characters);
    this.#characters += characters;
  }

  #bound(): void {
    while (this.#kept.length > most || this.#characters > mostCharacters) {
      this.#kept.shift();
      this.#characters -= this.#weights?.shift() ?? 0;
    }
  }
}
