import type { ChatMessage } from '../protocol/index.ts';

/** Older messages than this many are forgotten. */
const limit = 1000;

/** The room's messages, oldest first, each once. */
export class ChatLog {
  #messages: readonly ChatMessage[] = [];

  /** A new array after each change. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Returns false where it is known already. */
  add(message: ChatMessage): boolean {
    if (this.#messages.some(({ chatId }) => chatId === message.chatId)) return false;
    this.#messages = [...this.#messages, message].slice(-limit);
    return true;
  }

  /** What follows is of another room. */
  clear(): void {
    this.#messages = [];
  }

  /** What the server remembers, at a join; after a reconnect, what was seen before stays. */
  merge(snapshot: readonly ChatMessage[]): void {
    const byId = new Map([...this.#messages, ...snapshot].map((message) => [message.chatId, message]));
    this.#messages = [...byId.values()].sort((a, b) => a.sentAt - b.sentAt).slice(-limit);
  }
}
