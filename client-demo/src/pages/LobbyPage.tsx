import { type ReactNode, useEffect, useRef } from 'react';
import { cleanName } from '../../../src/client/index.ts';
import { Alert } from '../components/Alert.tsx';
import { CopyLinkButton } from '../components/CopyLinkButton.tsx';
import { DeviceSelect } from '../components/DeviceSelect.tsx';
import { LobbyPreview } from '../components/LobbyPreview.tsx';
import { NameForm } from '../components/NameForm.tsx';
import { PageFrame } from '../components/PageFrame.tsx';
import { type ChosenDevices, canChooseSpeaker, useDevices } from '../hooks/useDevices.ts';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';
import { usePreview } from '../hooks/usePreview.ts';
import type { JoinSettings } from '../hooks/useSettings.ts';
import type { TakenMedia } from '../lib/capture.ts';
import type { Failure } from '../lib/failures.ts';
import type { MeetingSession } from '../lib/MeetingSession.ts';

interface Props {
  readonly roomName: string;
  readonly session: MeetingSession;
  readonly joining: boolean;
  readonly failure: Failure | undefined;
  readonly settings: JoinSettings;
  readonly chosen: ChosenDevices;
  /** What is said instead of the questions, while somebody waits at the door. */
  readonly knocking: ReactNode | undefined;
  onChange(part: Partial<JoinSettings>): void;
  onJoin(name: string, takeMedia: () => TakenMedia): void;
}

/** Typing must not ask the server for a token with each letter. */
const typingMs = 800;

/** Before the meeting: who am I, how do I look, does the microphone hear me. */
export function LobbyPage(props: Props) {
  const { roomName, session, joining, failure, settings, chosen, knocking, onChange, onJoin } = props;
  useDocumentTitle(roomName);
  const camera = usePreview('camera', settings.camera, chosen.camera);
  const microphone = usePreview('microphone', settings.microphone, chosen.microphone);
  const devices = useDevices(`${camera.now.state} ${microphone.now.state}`);
  usePreparedRoom(session, cleanName(settings.name));

  // What has failed was reported here already.
  const takeFrom = (preview: typeof camera) => (preview.now.state === 'failed' ? undefined : preview.take());
  const takeMedia = (): TakenMedia => ({ camera: takeFrom(camera), microphone: takeFrom(microphone) });
  const inUse = (preview: typeof camera, otherwise: string | undefined) =>
    preview.now.state === 'on' ? (preview.now.track.getSettings().deviceId ?? otherwise) : otherwise;

  return (
    <PageFrame>
      <div className="lobby">
        <LobbyPreview camera={camera} microphone={microphone} settings={settings} onChange={onChange} />
        {knocking ?? (
          <section className="lobby-side" aria-labelledby="lobby-title">
            <div className="lobby-title">
              <h1 id="lobby-title">Ready to join?</h1>
              <div className="room-line">
                <p className="room-tag">{roomName}</p>
                <CopyLinkButton roomName={roomName} />
              </div>
            </div>
            <NameForm
              name={settings.name}
              joining={joining}
              onChange={(name) => onChange({ name })}
              onSubmit={(name) => onJoin(name, takeMedia)}
            >
              {failure !== undefined && <Alert title={failure.title} help={failure.help} />}
            </NameForm>
            <details className="lobby-devices" open={devices.cameras.length + devices.microphones.length > 2}>
              <summary>Devices</summary>
              <div className="fields">
                <DeviceSelect
                  kind="camera"
                  devices={devices.cameras}
                  value={inUse(camera, chosen.camera)}
                  onChoose={(deviceId) => chosen.choose('camera', deviceId)}
                />
                <DeviceSelect
                  kind="microphone"
                  devices={devices.microphones}
                  value={inUse(microphone, chosen.microphone)}
                  onChoose={(deviceId) => chosen.choose('microphone', deviceId)}
                />
                {canChooseSpeaker() && devices.speakers.length > 0 && (
                  <DeviceSelect
                    kind="speaker"
                    devices={devices.speakers}
                    value={chosen.speaker}
                    onChoose={(deviceId) => chosen.choose('speaker', deviceId)}
                  />
                )}
              </div>
            </details>
          </section>
        )}
      </div>
    </PageFrame>
  );
}

/** Connects in the background as soon as there is a name to connect with. */
function usePreparedRoom(session: MeetingSession, name: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (name === '') return undefined;
    // A remembered name needs no waiting; one that is being typed does.
    const timer = window.setTimeout(() => session.prepare(name), first.current ? 0 : typingMs);
    first.current = false;
    return () => window.clearTimeout(timer);
  }, [session, name]);
}
