import { MessageSquare, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import type { Files } from '../hooks/useFiles.ts';
import type { ChatGroup } from '../lib/chatGroups.ts';
import { timelineOf } from '../lib/timeline.ts';
import { ChatComposer } from './ChatComposer.tsx';
import { ChatText } from './ChatText.tsx';
import { FileCard } from './FileCard.tsx';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
/** Somebody who has scrolled up this far reads old messages, and is not thrown back to the end. */
const nearEnd = 80;

interface Props {
  readonly room: Room;
  readonly files: Files;
  onClose(): void;
}

export function ChatPanel({ room, files, onClose }: Props) {
  const end = useChatEnd();
  const [sending, setSending] = useState<string | undefined>(undefined);
  const own = room.local?.identity;
  const items = timelineOf(room.chat, files.entries);

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
        {items.length === 0 && sending === undefined && (
          <div className="chat-empty">
            <MessageSquare aria-hidden="true" />
            <p>No messages yet</p>
            <p className="hint">
              Everybody in the room sees what you write here, and may take the files that you send.
            </p>
          </div>
        )}
        {items.map((item) =>
          item.kind === 'file' ? (
            <FileCard key={item.file.id} entry={item.file} onAccept={files.accept} />
          ) : (
            <ChatArticle
              key={item.group.id}
              group={item.group}
              own={own !== undefined && item.group.identity === own}
            />
          ),
        )}
        {sending !== undefined && (
          <article className="chat-group chat-group-own chat-group-sending">
            <header>
              <span className="chat-author">Sending…</span>
            </header>
            <p className="chat-text">{sending}</p>
          </article>
        )}
      </div>
      {room.local?.grants.canChat === false ? (
        <p className="hint chat-closed">You may read along here, but not write.</p>
      ) : (
        <ChatComposer
          onSend={send}
          onFiles={(chosen) => {
            end.stick();
            files.send(chosen);
          }}
        />
      )}
    </aside>
  );
}

function ChatArticle({ group, own }: { group: ChatGroup; own: boolean }) {
  return (
    <article className={`chat-group ${own ? 'chat-group-own' : ''}`}>
      <header>
        <span className="chat-author">{own ? 'You' : group.displayName}</span>
        <time dateTime={new Date(group.sentAt).toISOString()}>{clock.format(group.sentAt)}</time>
      </header>
      {group.messages.map((message) => (
        <p key={message.chatId} className="chat-text">
          <ChatText text={message.text} />
        </p>
      ))}
    </article>
  );
}

/** Keeps the newest message in sight, unless somebody has scrolled up. */
function useChatEnd() {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // At each drawing: a file in the list grows and shrinks as it goes on.
  useEffect(() => {
    const element = list.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  });
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
