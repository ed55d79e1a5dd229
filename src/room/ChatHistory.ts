import { nanoid } from 'nanoid';
import type { ChatMessage, ParticipantInfo } from '../protocol/index.ts';

/** @param sentAt milliseconds since 1970 */
export function chatMessage(from: ParticipantInfo, text: string, sentAt: number): ChatMessage {
  const { participantId, identity, displayName } = from;
  return { chatId: nanoid(), participantId, identity, displayName, text, sentAt };
}

/** As many are kept in any case for those whose connection broke for a while. */
const least = 50;

/** The newest messages of a room, for those who come later or come back. */
export class ChatHistory {
  readonly #limit: number;
  readonly #messages: ChatMessage[] = [];

  /** @param limit how many of them those who come later get to see */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): ChatMessage[] {
    return this.#limit === 0 ? [] : this.#messages.slice(-this.#limit);
  }

  /** What came after that message; all that is kept where that is no longer known, or none was. */
  since(chatId: string | undefined): ChatMessage[] {
    const index = this.#messages.findLastIndex((message) => message.chatId === chatId);
    return this.#messages.slice(index + 1);
  }

  add(message: ChatMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > Math.max(this.#limit, least)) this.#messages.shift();
  }
}
