import { ServerCog, Volume2, WifiOff } from 'lucide-react';
import type { Room, RoomState } from '../../../src/client/index.ts';
import { useNotices } from '../hooks/useNotices.tsx';

/** What goes on behind the pictures, in words. */
const troubles: Partial<Record<RoomState, string>> = {
  resuming: 'Reconnecting… You still see and hear the others.',
  rebuilding: 'Connection lost. Rejoining…',
};

/** What concerns the whole meeting, above the tiles: nothing is covered, and nothing has to be dismissed. */
export function Banners({ room }: { room: Room }) {
  const { tell } = useNotices();
  const trouble = troubles[room.state];
  const draining = room.drainingUntil !== undefined;
  const start = () => {
    room.startAudio().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      tell('trouble', 'The sound did not start', `The browser said: ${message}`);
    });
  };
  return (
    <div className="banners">
      <div role="status">
        {trouble !== undefined && (
          <p className="banner banner-trouble">
            <WifiOff aria-hidden="true" />
            <span>{trouble}</span>
            <span className="spinner" aria-hidden="true" />
          </p>
        )}
        {draining && trouble === undefined && (
          <p className="banner">
            <ServerCog aria-hidden="true" />
            <span>This server will be replaced. You will be moved without doing anything.</span>
          </p>
        )}
      </div>
      {!room.canPlayAudio && (
        <div className="banner" role="alert">
          <Volume2 aria-hidden="true" />
          <span>Your browser blocks the sound of this page.</span>
          <button type="button" className="button button-small button-primary" onClick={start}>
            Click to hear
          </button>
        </div>
      )}
    </div>
  );
}
