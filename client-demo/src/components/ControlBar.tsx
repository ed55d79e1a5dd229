import { Hand, MessageSquare, Mic, MicOff, MonitorUp, MonitorX, Video, VideoOff } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { MediaControls } from '../hooks/useMediaControls.ts';
import { canShareScreen } from '../lib/deviceFailures.ts';
import { BarButton } from './BarButton.tsx';
import { LeaveControls } from './LeaveControls.tsx';
import { ToggleButton } from './ToggleButton.tsx';

/** What one may do here; buttons for the rest would only disappoint. */
export interface Rights {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly hand: boolean;
}

interface Props {
  readonly media: MediaControls;
  readonly may: Rights;
  readonly handRaised: boolean;
  readonly chatOpen: boolean;
  readonly unread: number;
  readonly shortcuts: boolean;
  /** More buttons, before the way out. */
  readonly children?: ReactNode;
  /** Ends the meeting for everybody; undefined for those who may not. */
  readonly onEnd: (() => void) | undefined;
  onHand(): void;
  onChat(): void;
  onLeave(): void;
}

export function ControlBar(props: Props) {
  const { media, may, handRaised, chatOpen, unread, shortcuts, children, onEnd, onHand, onChat, onLeave } = props;
  const unreadId = useId();
  const key = (letter: string) => (shortcuts ? letter : undefined);
  const { microphone, camera, screen } = media;
  return (
    <section className="control-bar" aria-label="Meeting controls">
      {may.microphone && (
        <ToggleButton
          on={microphone.on}
          busy={microphone.busy}
          label={microphone.on ? 'Mute microphone' : 'Unmute microphone'}
          icon={microphone.on ? Mic : MicOff}
          shortcut={key('m')}
          onClick={microphone.toggle}
        />
      )}
      {may.camera && (
        <ToggleButton
          on={camera.on}
          busy={camera.busy}
          label={camera.on ? 'Turn camera off' : 'Turn camera on'}
          icon={camera.on ? Video : VideoOff}
          shortcut={key('v')}
          onClick={camera.toggle}
        />
      )}
      <span className="control-gap" />
      {may.screen && canShareScreen() && (
        <BarButton
          active={screen.on}
          busy={screen.busy}
          label={screen.on ? 'Stop sharing' : 'Share screen'}
          icon={screen.on ? MonitorX : MonitorUp}
          onClick={screen.toggle}
        />
      )}
      {may.hand && (
        <BarButton
          active={handRaised}
          label={handRaised ? 'Lower hand' : 'Raise hand'}
          icon={Hand}
          shortcut={key('h')}
          onClick={onHand}
        />
      )}
      <BarButton
        active={chatOpen}
        label={chatOpen ? 'Close chat' : 'Open chat'}
        icon={MessageSquare}
        shortcut={key('c')}
        describedBy={unread > 0 ? unreadId : undefined}
        onClick={onChat}
      >
        {unread > 0 && (
          <span id={unreadId} className="badge">
            {unread > 99 ? '99+' : unread}
            <span className="visually-hidden"> unread</span>
          </span>
        )}
      </BarButton>
      {children}
      <span className="control-gap" />
      <LeaveControls onEnd={onEnd} onLeave={onLeave} />
    </section>
  );
}
