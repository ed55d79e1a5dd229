import { createHash } from 'node:crypto';
import { PlenumError } from '../protocol/index.ts';

/** More than any client has open at once; the oldest is forgotten first. */
const remembered = 256;

interface Answered {
  /** A hash: 256 requests of 64 KiB would hold 16 MiB for each connection. */
  content: string;
  answer: Promise<unknown>;
}

/**
 * Makes requests that change something safe to repeat: the same id with the same content gets the same answer again,
 * also while the first is still being worked on.
 */
export class AnsweredRequests {
  readonly #answered = new Map<string, Answered>();

  /**
   * @param content what the request says, to be compared letter by letter
   * @throws PlenumError `conflict` when the id was used for something else
   */
  once<T>(requestId: string, content: string, work: () => Promise<T>): Promise<T> {
    const hash = createHash('sha256').update(content).digest('base64');
    const before = this.#answered.get(requestId);
    if (before) {
      if (before.content !== hash) {
        throw new PlenumError('conflict', `the request id "${requestId}" was used before with other content`);
      }
      // The same content means the same request, and so the same type of answer.
      return before.answer as Promise<T>;
    }
    const answer = work();
    this.#answered.set(requestId, { content: hash, answer });
    if (this.#answered.size > remembered) {
      const [oldest] = this.#answered.keys();
      if (oldest !== undefined) this.#answered.delete(oldest);
    }
    return answer;
  }
}
