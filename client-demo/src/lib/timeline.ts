import { type ChatEntry, type ChatGroup, groupChat } from './chatGroups.ts';

export type TimelineItem<F> =
  | { readonly kind: 'chat'; readonly group: ChatGroup }
  | { readonly kind: 'file'; readonly file: F };

/** What was said, with the files between in the order in which they came to this page. */
export function timelineOf<F extends { readonly afterChat: string | undefined }>(
  chat: readonly ChatEntry[],
  files: readonly F[],
): TimelineItem<F>[] {
  const items: TimelineItem<F>[] = [];
  let said: ChatEntry[] = [];
  const flush = () => {
    items.push(...groupChat(said).map((group): TimelineItem<F> => ({ kind: 'chat', group })));
    said = [];
  };
  const known = new Set(chat.map(({ chatId }) => chatId));
  const after = (chatId: string | undefined) => {
    // A message that is no longer kept is before all that are.
    const due = files.filter(({ afterChat }) =>
      chatId === undefined ? afterChat === undefined || !known.has(afterChat) : afterChat === chatId,
    );
    if (due.length > 0) flush();
    items.push(...due.map((file): TimelineItem<F> => ({ kind: 'file', file })));
  };
  after(undefined);
  for (const entry of chat) {
    said.push(entry);
    after(entry.chatId);
  }
  flush();
  return items;
}
