import { Volume2 } from 'lucide-react';
import type { Room } from '../../../src/client/index.ts';
import { useNotices } from '../hooks/useNotices.tsx';

/** What somebody has to do, above the tiles: nothing is covered, and nothing has to be dismissed. */
export function Banners({ room }: { room: Room }) {
  const { tell } = useNotices();
  const start = () => {
    room.startAudio().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      tell('trouble', 'The sound did not start', `The browser said: ${message}`);
    });
  };
  return (
    <div className="banners">
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
