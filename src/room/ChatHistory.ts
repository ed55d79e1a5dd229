import type { ChatMessage } from '../protocol/index.ts';

/** The newest messages of a room, for those who come later. */
export class ChatHistory {
  readonly #limit: number;
  readonly #messages: ChatMessage[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): ChatMessage[] {
    return [...this.#messages];
  }

  add(message: ChatMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > this.#limit) this.#messages.shift();
  }
}
