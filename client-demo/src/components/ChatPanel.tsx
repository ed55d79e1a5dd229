import { MessageSquare, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { groupChat } from '../lib/chatGroups.ts';
import { ChatComposer } from './ChatComposer.tsx';
import { ChatText } from './ChatText.tsx';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
/** Somebody who has scrolled up this far reads old messages, and is not thrown back to the end. */
const nearEnd = 80;

interface Props {
  readonly room: Room;
  onClose(): void;
}

export function ChatPanel({ room, onClose }: Props) {
  const end = useChatEnd(room.chat.at(-1)?.chatId);
  const [sending, setSending] = useState<string | undefined>(undefined);
  const own = room.local?.identity;
  const groups = groupChat(room.chat);

  const send = async (text: string) => {
    setSending(text);
    end.stick();
    try {
      await room.sendChat(text);
    } finally {
      setSending(undefined);
    }
  };

  return (
    <aside
      className="side-panel chat"
      aria-label="Chat"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className="side-panel-header">
        <h2>Chat</h2>
        <button type="button" className="icon-button" aria-label="Hide chat" onClick={onClose}>
          <X aria-hidden="true" />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable to scroll it by keyboard */}
      <div ref={end.list} className="chat-list" role="log" aria-label="Messages" tabIndex={0} onScroll={end.onScroll}>
        {groups.length === 0 && sending === undefined && (
          <div className="chat-empty">
            <MessageSquare aria-hidden="true" />
            <p>No messages yet</p>
            <p className="hint">Everybody in the room sees what you write here.</p>
          </div>
        )}
        {groups.map((group) => (
          <article key={group.id} className={`chat-group ${group.identity === own ? 'chat-group-own' : ''}`}>
            <header>
              <span className="chat-author">{group.identity === own ? 'You' : group.displayName}</span>
              <time dateTime={new Date(group.sentAt).toISOString()}>{clock.format(group.sentAt)}</time>
            </header>
            {group.messages.map((message) => (
              <p key={message.chatId} className="chat-text">
                <ChatText text={message.text} />
              </p>
            ))}
          </article>
        ))}
        {sending !== undefined && (
          <article className="chat-group chat-group-own chat-group-sending">
            <header>
              <span className="chat-author">Sending…</span>
            </header>
            <p className="chat-text">{sending}</p>
          </article>
        )}
      </div>
      <ChatComposer onSend={send} />
    </aside>
  );
}

/** Keeps the newest message in sight, unless somebody has scrolled up. */
function useChatEnd(newest: string | undefined) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: moves when a message arrives
  useEffect(() => {
    const element = list.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [newest]);
  return {
    list,
    onScroll: () => {
      const element = list.current;
      if (element === null) return;
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
    },
    stick: () => {
      atEnd.current = true;
    },
  };
}
