import { nanoid } from 'nanoid';
import type { ChatMessage } from '../protocol/index.ts';

/**
 * @param from who says it; the application's server has a name only
 * @param sentAt milliseconds since 1970
 */
export function chatMessage(
  from: Pick<ChatMessage, 'participantId' | 'identity' | 'displayName'>,
  text: string,
  sentAt: number,
): ChatMessage {
  const { participantId, identity, displayName } = from;
  const who = { ...(participantId !== undefined && { participantId }), ...(identity !== undefined && { identity }) };
  return { chatId: nanoid(), ...who, displayName, text, sentAt };
}

/** As many are kept in any case for those whose connection broke for a while. */
const least = 50;
/** No more characters than these are kept, so that the answer of a join stays small: twice as many bytes at most in JSON. */
const mostCharacters = 256 * 1024;

/** The newest messages of a room, for those who come later or come back. */
export class ChatHistory {
  readonly #limit: number;
  readonly #messages: ChatMessage[] = [];
  #characters = 0;

  /** @param limit how many of them those who come later get to see */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): ChatMessage[] {
    return this.#limit === 0 ? [] : this.#messages.slice(-this.#limit);
  }

  /**
   * What came after that message; all that is kept where that is no longer known, or none was.
   * @param joinedAt milliseconds since 1970; what was said before, a join has told as far as it is to be known
   */
  since(chatId: string | undefined, joinedAt: number): ChatMessage[] {
    const index = this.#messages.findLastIndex((message) => message.chatId === chatId);
    return this.#messages.slice(index + 1).filter(({ sentAt }) => sentAt >= joinedAt);
  }

  add(message: ChatMessage): void {
    this.#messages.push(message);
    this.#characters += message.text.length;
    while (this.#messages.length > Math.max(this.#limit, least) || this.#characters > mostCharacters) {
      this.#characters -= this.#messages.shift()?.text.length ?? 0;
    }
  }
}
