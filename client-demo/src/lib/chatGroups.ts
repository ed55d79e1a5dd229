export interface ChatEntry {
  readonly chatId: string;
  readonly participantId?: string | undefined;
  /** Absent where the application's own server says it. */
  readonly identity?: string | undefined;
  readonly displayName: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

export interface ChatGroup {
  readonly id: string;
  readonly identity: string | undefined;
  readonly displayName: string;
  readonly sentAt: number;
  readonly messages: readonly ChatEntry[];
}

const togetherMs = 5 * 60_000;

/** What one person says in one go stands under one name. */
export function groupChat(chat: readonly ChatEntry[]): ChatGroup[] {
  const groups: (ChatGroup & { messages: ChatEntry[] })[] = [];
  for (const entry of chat) {
    const last = groups.at(-1);
    const same = last?.identity === entry.identity && last?.displayName === entry.displayName;
    if (last !== undefined && same && entry.sentAt - last.sentAt < togetherMs) {
      last.messages.push(entry);
    } else {
      const { chatId: id, identity, displayName, sentAt } = entry;
      groups.push({ id, identity, displayName, sentAt, messages: [entry] });
    }
  }
  return groups;
}

/** How many messages of others came after the last one that was read. */
export function countUnread(chat: readonly ChatEntry[], lastRead: string | undefined, ownIdentity: string): number {
  const from = chat.findIndex((entry) => entry.chatId === lastRead) + 1;
  return chat.slice(from).filter((entry) => entry.identity !== ownIdentity).length;
}
