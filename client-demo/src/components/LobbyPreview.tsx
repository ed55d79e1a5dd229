import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { cleanName } from '../../../src/client/index.ts';
import type { Preview } from '../hooks/usePreview.ts';
import type { JoinSettings } from '../hooks/useSettings.ts';
import { mergeFailures } from '../lib/deviceFailures.ts';
import { isMirrored } from '../lib/mirror.ts';
import { Avatar } from './Avatar.tsx';
import { LevelMeter } from './LevelMeter.tsx';
import { ToggleButton } from './ToggleButton.tsx';
import { TrackVideo } from './TrackVideo.tsx';

interface Props {
  readonly camera: Preview;
  readonly microphone: Preview;
  readonly settings: JoinSettings;
  onChange(part: Partial<JoinSettings>): void;
}

/** How the others will see and hear me. */
export function LobbyPreview({ camera, microphone, settings, onChange }: Props) {
  const picture = camera.now.state === 'on' ? camera.now.track : undefined;
  const sound = microphone.now.state === 'on' ? microphone.now.track : undefined;
  const previews = [camera, microphone];
  const failures = mergeFailures(previews.flatMap(({ now }) => (now.state === 'failed' ? [now.failure] : [])));
  const retry = () => {
    for (const preview of previews) if (preview.now.state === 'failed') preview.retry();
  };
  return (
    <section className="preview" aria-label="Preview">
      <div className={picture === undefined ? 'preview-stage preview-stage-empty' : 'preview-stage'}>
        <TrackVideo track={picture} mirrored={isMirrored(picture)} />
        {picture === undefined && (
          <div className="preview-empty">
            <Avatar name={cleanName(settings.name)} identity="preview" />
            <p>{emptyWords(camera)}</p>
          </div>
        )}
        <div className="preview-controls">
          <ToggleButton
            on={settings.microphone}
            trouble={microphone.now.state === 'failed'}
            label={settings.microphone ? 'Mute microphone' : 'Unmute microphone'}
            icon={settings.microphone ? Mic : MicOff}
            onClick={() => onChange({ microphone: !settings.microphone })}
          />
          <ToggleButton
            on={settings.camera}
            trouble={camera.now.state === 'failed'}
            label={settings.camera ? 'Turn camera off' : 'Turn camera on'}
            icon={settings.camera ? Video : VideoOff}
            onClick={() => onChange({ camera: !settings.camera })}
          />
        </div>
      </div>
      <div className="preview-sound">
        {settings.microphone ? <Mic aria-hidden="true" /> : <MicOff aria-hidden="true" />}
        {settings.microphone ? <LevelMeter track={sound} /> : <p className="hint">You will join muted</p>}
      </div>
      {failures.map((failure) => (
        <div key={failure.title} className="preview-failure" role="status">
          <p className="alert-title">{failure.title}</p>
          <p className="alert-help">{failure.help}</p>
          {failure.code !== 'insecure-origin' && (
            <button type="button" className="button button-small" onClick={retry}>
              Try again
            </button>
          )}
        </div>
      ))}
    </section>
  );
}

function emptyWords(camera: Preview): string {
  switch (camera.now.state) {
    case 'starting':
      return 'Starting the camera…';
    case 'failed':
      return 'No picture';
    case 'off':
    case 'on':
      return 'Camera is off';
  }
}
