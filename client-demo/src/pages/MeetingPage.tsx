import { useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { AudioSinks } from '../components/AudioSinks.tsx';
import { Banners } from '../components/Banners.tsx';
import { ChatPanel } from '../components/ChatPanel.tsx';
import { ControlBar } from '../components/ControlBar.tsx';
import { Invitation } from '../components/Invitation.tsx';
import { MeetingHeader } from '../components/MeetingHeader.tsx';
import { SettingsDialog } from '../components/SettingsDialog.tsx';
import { Stage } from '../components/Stage.tsx';
import type { ChosenDevices } from '../hooks/useDevices.ts';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';
import { useMediaControls } from '../hooks/useMediaControls.ts';
import { useMeetingNews } from '../hooks/useMeetingNews.ts';
import { useNotices } from '../hooks/useNotices.tsx';
import { useRoomChanges } from '../hooks/useRoomChanges.ts';
import { useShortcutsSetting } from '../hooks/useSettings.ts';
import { useShortcuts } from '../hooks/useShortcuts.ts';
import { useUnread } from '../hooks/useUnread.ts';
import { useWakeLock } from '../hooks/useWakeLock.ts';

interface Props {
  readonly room: Room;
  readonly roomName: string;
  readonly chosen: ChosenDevices;
  onLeave(): void;
}

/** The meeting itself. Everything is read from the room at each drawing; the room says when that is worth while. */
export function MeetingPage({ room, roomName, chosen, onLeave }: Props) {
  useRoomChanges(room);
  const [chatOpen, setChatOpen] = useState(false);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [shortcuts, setShortcuts] = useShortcutsSetting();
  const { tell } = useNotices();
  const media = useMediaControls(room, chosen);
  const unread = useUnread(room, chatOpen);
  const page = useRef<HTMLDivElement>(null);
  const handRaised = room.local?.handRaised ?? false;
  const alone = room.participantCount <= 1;

  useDocumentTitle(unread > 0 ? `(${unread}) ${roomName}` : roomName);
  useMeetingNews(room, chatOpen);
  useWakeLock();
  // The Join button is gone: the keyboard starts here, where shortcuts work at once.
  useEffect(() => page.current?.focus(), []);

  const toggleHand = () => {
    room.setHandRaised(!handRaised).catch((error: unknown) => {
      console.debug('Plenum could not raise the hand', error);
      tell('trouble', handRaised ? 'Your hand could not be lowered' : 'Your hand could not be raised', 'Try again.');
    });
  };
  const toggleChat = () => setChatOpen((open) => !open);
  const closeChat = () => {
    setChatOpen(false);
    page.current?.querySelector<HTMLElement>('[aria-label="Close chat"], [aria-label="Open chat"]')?.focus();
  };
  const letters = { m: media.microphone.toggle, v: media.camera.toggle, h: toggleHand, c: toggleChat };
  useShortcuts({ ...(shortcuts ? letters : {}), ...(chatOpen ? { escape: closeChat } : {}) });

  return (
    <div ref={page} className={`meeting ${chatOpen ? 'meeting-with-chat' : ''}`} tabIndex={-1}>
      <MeetingHeader roomName={roomName} people={room.participantCount} onSettings={() => setSettingsOpen(true)} />
      <main className="meeting-main">
        <Banners room={room} />
        <Stage room={room} />
        {alone && <Invitation roomName={roomName} />}
      </main>
      <ControlBar
        media={media}
        handRaised={handRaised}
        chatOpen={chatOpen}
        unread={unread}
        shortcuts={shortcuts}
        onHand={toggleHand}
        onChat={toggleChat}
        onLeave={onLeave}
      />
      {chatOpen && <ChatPanel room={room} onClose={closeChat} />}
      {settingsOpen && (
        <SettingsDialog
          room={room}
          chosen={chosen}
          shortcuts={shortcuts}
          onShortcuts={setShortcuts}
          onClose={() => setSettingsOpen(false)}
        />
      )}
      <AudioSinks room={room} speaker={chosen.speaker} />
    </div>
  );
}
