import { CircleCheck, DoorOpen, ServerCog, WifiOff } from 'lucide-react';
import type { Room } from '../../../src/client/index.ts';
import { useCallStatus } from '../hooks/useCallStatus.ts';
import { PoorSignal } from './PoorSignal.tsx';

const icons = { broken: WifiOff, poor: PoorSignal, news: ServerCog, back: CircleCheck };

/**
 * How the call's connections stand, in words; screen readers speak what changes. It lies over the page, so that no tile
 * moves when it comes, and nothing has to be dismissed.
 */
export function StatusLine({ room, moving }: { room: Room; moving: boolean }) {
  const words = useCallStatus(room, moving);
  const Icon = words && (words.atDoor ? DoorOpen : icons[words.tone]);
  return (
    <div className="status-line" role="status" aria-live="polite" data-testid="call-status">
      {words !== undefined && Icon !== undefined && (
        <p key={words.text} className={`status-words status-${words.tone}`}>
          <Icon aria-hidden="true" />
          <span>{words.text}</span>
          {words.tone === 'broken' && <span className="spinner" aria-hidden="true" />}
        </p>
      )}
    </div>
  );
}
