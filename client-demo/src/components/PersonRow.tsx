import { Hand, Mic, MicOff, Pin, PinOff } from 'lucide-react';
import type { Person } from '../lib/people.ts';
import { Avatar } from './Avatar.tsx';

interface Props {
  readonly person: Person;
  readonly pinned: boolean;
  onPin(): void;
}

export function PersonRow({ person, pinned, onPin }: Props) {
  const { displayName, identity, own, muted, handRaisedAt } = person;
  const marks = [
    displayName,
    own ? 'you' : undefined,
    muted ? 'muted' : undefined,
    handRaisedAt === undefined ? undefined : 'hand raised',
    pinned ? 'pinned' : undefined,
  ];
  const label = marks.filter((mark) => mark !== undefined).join(', ');
  return (
    <li className="person" aria-label={label} data-testid="person" data-identity={identity}>
      <Avatar name={displayName} identity={identity} />
      <span className="person-name" aria-hidden="true">
        {displayName}
        {own && <span className="person-own"> (you)</span>}
      </span>
      {handRaisedAt !== undefined && <Hand className="person-hand" aria-hidden="true" />}
      {muted ? (
        <MicOff className="person-muted" aria-hidden="true" />
      ) : (
        <Mic className="person-voice" aria-hidden="true" />
      )}
      {own ? (
        <span className="person-gap" />
      ) : (
        <button
          type="button"
          className={`icon-button person-pin ${pinned ? 'person-pin-on' : ''}`}
          aria-label={pinned ? `Unpin ${displayName}` : `Pin ${displayName}`}
          onClick={onPin}
        >
          {pinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />}
        </button>
      )}
    </li>
  );
}
