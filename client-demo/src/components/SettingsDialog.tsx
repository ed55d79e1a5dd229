import { X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type ChosenDevices, canChooseSpeaker, type DeviceKind, useDevices } from '../hooks/useDevices.ts';
import { useNotices } from '../hooks/useNotices.tsx';
import { deviceFailure } from '../lib/deviceFailures.ts';
import { DeviceSelect } from './DeviceSelect.tsx';
import { LevelMeter } from './LevelMeter.tsx';

interface Props {
  readonly room: Room;
  readonly chosen: ChosenDevices;
  readonly shortcuts: boolean;
  onShortcuts(on: boolean): void;
  onClose(): void;
}

/** A modal dialog of the browser: it keeps the focus inside and closes with Escape by itself. */
export function SettingsDialog({ room, chosen, shortcuts, onShortcuts, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { tell } = useNotices();
  const camera = room.local?.publications.get('camera');
  const microphone = room.local?.publications.get('microphone');
  const devices = useDevices(`${camera?.publicationId} ${microphone?.publicationId}`);
  useEffect(() => dialog.current?.showModal(), []);

  const choose = (kind: DeviceKind, deviceId: string) => {
    chosen.choose(kind, deviceId);
    if (kind === 'speaker' || room.local?.publications.get(kind) === undefined) return;
    room.switchDevice(kind, deviceId).catch((error: unknown) => {
      const failure = deviceFailure(kind, error);
      tell('trouble', failure.title, failure.help);
    });
  };

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        // A click beside the dialog hits the dialog element itself.
        if (event.target === dialog.current) dialog.current.close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="dialog-body">
        <header className="dialog-header">
          <h2 id={id}>Settings</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
            <X aria-hidden="true" />
          </button>
        </header>
        <div className="fields">
          <DeviceSelect
            kind="camera"
            devices={devices.cameras}
            value={camera?.track?.getSettings().deviceId ?? chosen.camera}
            onChoose={(deviceId) => choose('camera', deviceId)}
          />
          <DeviceSelect
            kind="microphone"
            devices={devices.microphones}
            value={microphone?.track?.getSettings().deviceId ?? chosen.microphone}
            onChoose={(deviceId) => choose('microphone', deviceId)}
          />
          {microphone?.track !== undefined && <LevelMeter track={microphone.track} />}
          {canChooseSpeaker() && devices.speakers.length > 0 && (
            <DeviceSelect
              kind="speaker"
              devices={devices.speakers}
              value={chosen.speaker}
              onChoose={(deviceId) => choose('speaker', deviceId)}
            />
          )}
          <label className="check">
            <input type="checkbox" checked={shortcuts} onChange={(event) => onShortcuts(event.target.checked)} />
            <span>
              Keyboard shortcuts
              <span className="hint">
                <kbd>m</kbd> microphone, <kbd>v</kbd> camera, <kbd>h</kbd> hand, <kbd>c</kbd> chat, <kbd>p</kbd> people,{' '}
                <kbd>g</kbd> grid or speaker view. <kbd>←</kbd> <kbd>→</kbd> turn pages at any time.
              </span>
            </span>
          </label>
        </div>
      </div>
    </dialog>
  );
}
