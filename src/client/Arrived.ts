import type { Notice, NoticeName, ResumePoint, RoomSnapshot } from '../protocol/index.ts';

/** How far the notices of a visit have arrived, so that none is missed and none is taken twice. */
export class Arrived {
  #seq = 0;
  #revision = 0;
  #chatId: string | undefined;

  /** What the visit began with, or began anew with. */
  startFrom({ revision, chat }: RoomSnapshot): void {
    this.#revision = revision;
    this.#chatId = chat.at(-1)?.chatId ?? this.#chatId;
  }

  /** Returns false for a personal notice that has arrived before. */
  take<N extends NoticeName>(_name: N, payload: Notice<N>): boolean {
    if ('seq' in payload) {
      if (payload.seq <= this.#seq) return false;
      this.#seq = payload.seq;
    }
    if ('revision' in payload) this.#revision = Math.max(this.#revision, payload.revision);
    if ('chatId' in payload) this.#chatId = payload.chatId;
    // The notice `snapshot`.
    if ('room' in payload && typeof payload.room === 'object') this.startFrom(payload.room);
    return true;
  }

  /** What to tell the server in order to go on from here. */
  point(key: string): ResumePoint {
    const chatId = this.#chatId;
    return { key, seq: this.#seq, revision: this.#revision, ...(chatId !== undefined && { chatId }) };
  }
}
