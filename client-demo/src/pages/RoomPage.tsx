import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { Room } from '../../../src/client/index.ts';
import { Knocking } from '../components/Knocking.tsx';
import { PageFrame } from '../components/PageFrame.tsx';
import { useChosenDevices } from '../hooks/useDevices.ts';
import { useNotices } from '../hooks/useNotices.tsx';
import { rememberName, useJoinSettings } from '../hooks/useSettings.ts';
import { startMedia, stopMedia, type TakenMedia } from '../lib/capture.ts';
import { mergeFailures } from '../lib/deviceFailures.ts';
import type { Failure } from '../lib/failures.ts';
import { MeetingSession } from '../lib/MeetingSession.ts';
import { readPageParams } from '../lib/pageParams.ts';
import { GoodbyePage } from './GoodbyePage.tsx';
import { LobbyPage } from './LobbyPage.tsx';
import { MeetingPage } from './MeetingPage.tsx';
import { UnsupportedPage } from './UnsupportedPage.tsx';
import { WaitingPage } from './WaitingPage.tsx';

/** One room, from the lobby over the meeting to the goodbye. */
export function RoomPage({ roomName }: { roomName: string }) {
  const [session] = useState(() => new MeetingSession(roomName));
  const phase = useSyncExternalStore(session.subscribe, () => session.phase);
  const [params] = useState(() => readPageParams(window.location.search));
  const [settings, changeSettings] = useJoinSettings({
    name: params.name,
    camera: params.video,
    microphone: params.audio,
  });
  const chosen = useChosenDevices();
  const { tell } = useNotices();
  /** The link says "join at once": the lobby, which would ask for devices, is passed over. */
  const [direct, setDirect] = useState(params.join && settings.name !== '');

  const onDeviceFailures = useCallback(
    (failures: readonly Failure[]) => {
      for (const failure of mergeFailures(failures)) tell('trouble', failure.title, failure.help);
    },
    [tell],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the link is followed once, with what it said
  useEffect(() => {
    if (!direct || !Room.isSupported()) return () => session.close();
    let stale = false;
    const media = startMedia({
      camera: { on: settings.camera, deviceId: chosen.camera },
      microphone: { on: settings.microphone, deviceId: chosen.microphone },
    });
    void session
      .join({ name: settings.name, takeMedia: () => media, onDeviceFailures, onRefused: () => stopMedia(media) })
      .finally(() => {
        if (!stale) setDirect(false);
      });
    return () => {
      stale = true;
      session.close();
    };
  }, [session]);

  const join = useCallback(
    (name: string, takeMedia: () => TakenMedia) => {
      rememberName(name);
      void session.join({ name, takeMedia, onDeviceFailures });
    },
    [session, onDeviceFailures],
  );

  if (!Room.isSupported()) return <UnsupportedPage />;
  switch (phase.step) {
    case 'lobby':
    case 'joining':
    case 'waiting': {
      const knocking =
        phase.step === 'waiting' ? (
          <Knocking roomName={roomName} name={phase.name} onCancel={() => session.stopWaiting()} />
        ) : undefined;
      if (direct) return knocking ? <PageFrame>{knocking}</PageFrame> : <WaitingPage>Joining {roomName}…</WaitingPage>;
      return (
        <LobbyPage
          roomName={roomName}
          session={session}
          joining={phase.step !== 'lobby'}
          failure={phase.step === 'lobby' ? phase.failure : undefined}
          settings={settings}
          onChange={changeSettings}
          chosen={chosen}
          onJoin={join}
          knocking={knocking}
        />
      );
    }
    case 'meeting':
      return <MeetingPage room={phase.room} roomName={roomName} chosen={chosen} onLeave={() => session.leave()} />;
    case 'ended':
      return <GoodbyePage roomName={roomName} ending={phase.ending} onAgain={() => session.again()} />;
  }
}
