import { MicVocal, Volume2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { useNotices } from '../hooks/useNotices.tsx';
import type { UnmuteRequest } from '../hooks/useUnmuteRequest.ts';

interface Props {
  readonly room: Room;
  readonly unmuteRequest: UnmuteRequest | undefined;
  readonly children?: ReactNode;
  onUnmute(): void;
}

/** What somebody has to do, above the tiles: nothing is covered, and nothing has to be dismissed. */
export function Banners({ room, unmuteRequest, children, onUnmute }: Props) {
  const { tell } = useNotices();
  const start = () => {
    room.startAudio().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      tell('trouble', 'The sound did not start', `The browser said: ${message}`);
    });
  };
  return (
    <div className="banners">
      {children}
      {!room.canPlayAudio && (
        <div className="banner" role="alert">
          <Volume2 aria-hidden="true" />
          <span>Your browser blocks the sound of this page.</span>
          <button type="button" className="button button-small button-primary" onClick={start}>
            Click to hear
          </button>
        </div>
      )}
      {unmuteRequest !== undefined && (
        <div className="banner" role="alert">
          <MicVocal aria-hidden="true" />
          <span>{unmuteRequest.by} asks you to unmute</span>
          <span className="banner-actions">
            <button type="button" className="button button-small button-primary" onClick={onUnmute}>
              Unmute
            </button>
            <button type="button" className="button button-small" onClick={unmuteRequest.dismiss}>
              Stay muted
            </button>
          </span>
        </div>
      )}
    </div>
  );
}
