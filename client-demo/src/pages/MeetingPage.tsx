import { useEffect, useRef, useState } from 'react';
import type { Room, Source } from '../../../src/client/index.ts';
import { AudioSinks } from '../components/AudioSinks.tsx';
import { Banners } from '../components/Banners.tsx';
import { ChatPanel } from '../components/ChatPanel.tsx';
import { ControlBar, type Rights } from '../components/ControlBar.tsx';
import { DebugMenu } from '../components/DebugMenu.tsx';
import { DropHint } from '../components/DropHint.tsx';
import { HostControls } from '../components/HostControls.tsx';
import { Invitation } from '../components/Invitation.tsx';
import { LobbyBanner } from '../components/LobbyBanner.tsx';
import { MeetingHeader } from '../components/MeetingHeader.tsx';
import { PeoplePanel } from '../components/PeoplePanel.tsx';
import { RoomSigns } from '../components/RoomSigns.tsx';
import { SettingsDialog } from '../components/SettingsDialog.tsx';
import { Stage } from '../components/Stage.tsx';
import { StatusLine } from '../components/StatusLine.tsx';
import type { ChosenDevices } from '../hooks/useDevices.ts';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';
import { useFileDrop } from '../hooks/useFileDrop.ts';
import { useFiles } from '../hooks/useFiles.ts';
import { useMediaControls } from '../hooks/useMediaControls.ts';
import { useMediaQuery } from '../hooks/useMediaQuery.ts';
import { useMeetingNews } from '../hooks/useMeetingNews.ts';
import { useModeration } from '../hooks/useModeration.ts';
import { useMoving } from '../hooks/useMoving.ts';
import { useNotices } from '../hooks/useNotices.tsx';
import { useRoomChanges } from '../hooks/useRoomChanges.ts';
import { useShortcutsSetting } from '../hooks/useSettings.ts';
import { useShortcuts } from '../hooks/useShortcuts.ts';
import { useStageView } from '../hooks/useStageView.ts';
import { useTiles } from '../hooks/useTiles.ts';
import { useTimeLeft } from '../hooks/useTimeLeft.ts';
import { useUnmuteRequest } from '../hooks/useUnmuteRequest.ts';
import { useUnread } from '../hooks/useUnread.ts';
import { useWakeLock } from '../hooks/useWakeLock.ts';
import { familyOf, labelOf } from '../lib/breakouts.ts';
import { endMeeting } from '../lib/roomDeeds.ts';
import { spotlightKeys } from '../lib/tiles.ts';

/** What is open beside the tiles; on a narrow screen, over them. */
type Panel = 'chat' | 'people';

const narrow = '(max-width: 820px)';

interface Props {
  readonly room: Room;
  readonly roomName: string;
  readonly chosen: ChosenDevices;
  onLeave(): void;
}

/** The meeting itself. Everything is read from the room at each drawing; the room says when that is worth while. */
export function MeetingPage({ room, roomName, chosen, onLeave }: Props) {
  useRoomChanges(room);
  // Moderators may have moved this page to another room.
  const name = room.name === '' ? roomName : room.name;
  const label = labelOf(name);
  const invitedTo = familyOf(name) === familyOf(roomName) ? roomName : familyOf(name);
  const [panel, setPanel] = useState<Panel | undefined>(undefined);
  const chatOpen = panel === 'chat';
  const peopleOpen = panel === 'people';
  const covered = useMediaQuery(narrow) && panel !== undefined;
  const view = useStageView(room);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [shortcuts, setShortcuts] = useShortcutsSetting();
  const { tell } = useNotices();
  const media = useMediaControls(room, chosen);
  const unmuteRequest = useUnmuteRequest(room, media.microphone.on);
  const moderates = room.local?.moderator ?? false;
  const act = useModeration(room);
  const timeLeft = useTimeLeft(room.endsAt);
  const files = useFiles(room, chatOpen);
  const unread = useUnread(room, chatOpen) + (chatOpen ? 0 : files.waiting);
  const page = useRef<HTMLDivElement>(null);
  const handRaised = room.local?.handRaised ?? false;
  const moving = useMoving(room);
  const tiles = useTiles(room, moving);
  const alone = room.participantCount <= 1 && tiles.every(({ kind }) => kind === 'local');

  useDocumentTitle(unread > 0 ? `(${unread}) ${name}` : name);
  useMeetingNews(room, chatOpen);
  useWakeLock();
  const dropping = useFileDrop((dropped) => {
    files.send(dropped);
    setPanel('chat');
  });
  // The Join button is gone: the keyboard starts here, where shortcuts work at once.
  useEffect(() => page.current?.focus(), []);

  const toggleHand = () => {
    room.setHandRaised(!handRaised).catch((error: unknown) => {
      console.debug('Plenum could not raise the hand', error);
      const help = room.state === 'joined' ? 'Try again.' : 'Try again when you are back in the meeting.';
      tell('trouble', handRaised ? 'Your hand could not be lowered' : 'Your hand could not be raised', help);
    });
  };
  const toggle = (which: Panel) => setPanel((open) => (open === which ? undefined : which));
  const closePanel = () => {
    const opener = chatOpen ? '.control-bar [aria-label$="chat"]' : '.people-button';
    setPanel(undefined);
    page.current?.querySelector<HTMLElement>(opener)?.focus();
  };
  const may = rightsOf(room);
  const letters = {
    ...(may.microphone && { m: media.microphone.toggle }),
    ...(may.camera && { v: media.camera.toggle }),
    ...(may.hand && { h: toggleHand }),
    c: () => toggle('chat'),
    p: () => toggle('people'),
    g: view.toggleLayout,
  };
  useShortcuts({ ...(shortcuts ? letters : {}), ...(panel === undefined ? {} : { escape: closePanel }) });

  return (
    <div ref={page} className={`meeting ${panel === undefined ? '' : 'meeting-with-panel'}`} tabIndex={-1}>
      <MeetingHeader
        roomName={label === undefined ? name : familyOf(name)}
        invitedTo={invitedTo}
        signs={<RoomSigns label={label} locked={room.locked} timeLeft={timeLeft} />}
        people={room.participantCount}
        peopleOpen={peopleOpen}
        layout={view.layout}
        shortcuts={shortcuts}
        onPeople={() => toggle('people')}
        onLayout={view.toggleLayout}
        onSettings={() => setSettingsOpen(true)}
      >
        <DebugMenu room={room} />
      </MeetingHeader>
      <StatusLine room={room} moving={moving} />
      <main className="meeting-main">
        <Banners room={room} unmuteRequest={unmuteRequest} onUnmute={media.microphone.toggle}>
          {moderates && (
            <LobbyBanner waiting={room.lobby} act={act} listed={peopleOpen} onShow={() => setPanel('people')} />
          )}
        </Banners>
        <Stage room={room} tiles={tiles} view={view} spotlit={spotlightKeys(room)} covered={covered} />
        {alone && <Invitation roomName={invitedTo} />}
      </main>
      <ControlBar
        media={media}
        may={may}
        handRaised={handRaised}
        chatOpen={chatOpen}
        unread={unread}
        shortcuts={shortcuts}
        onEnd={moderates ? () => act(endMeeting) : undefined}
        onHand={toggleHand}
        onChat={() => toggle('chat')}
        onLeave={onLeave}
      >
        {moderates && <HostControls room={room} />}
      </ControlBar>
      {chatOpen && <ChatPanel room={room} files={files} onClose={closePanel} />}
      {peopleOpen && <PeoplePanel room={room} view={view} onClose={closePanel} />}
      {settingsOpen && (
        <SettingsDialog
          room={room}
          chosen={chosen}
          shortcuts={shortcuts}
          onShortcuts={setShortcuts}
          onClose={() => setSettingsOpen(false)}
        />
      )}
      {dropping && <DropHint />}
      <AudioSinks room={room} speaker={chosen.speaker} />
    </div>
  );
}

function rightsOf({ local }: Room): Rights {
  const may = (source: Source) => local?.mayPublish(source) ?? true;
  return {
    microphone: may('microphone'),
    camera: may('camera'),
    screen: may('screen'),
    hand: local?.grants.hidden !== true,
  };
}
