import { Hand, Mic, MicOff, Pin, PinOff, ShieldCheck, Spotlight } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useFocusLoss } from '../hooks/useFocusLoss.ts';
import type { Person } from '../lib/people.ts';
import { Avatar } from './Avatar.tsx';

interface Props {
  readonly person: Person;
  readonly pinned: boolean;
  readonly spotlit: boolean;
  /** More buttons. */
  readonly children?: ReactNode;
  onPin(): void;
  /** The row goes while the focus is in it. */
  onFocusLost(identity: string): void;
}

/** Finds somebody's row in the list. */
export function rowOf(identity: string): string {
  return `[data-identity="${CSS.escape(identity)}"]`;
}

export function PersonRow({ person, pinned, spotlit, children, onPin, onFocusLost }: Props) {
  const { displayName, identity, own, moderator, muted, handRaisedAt } = person;
  const row = useRef<HTMLLIElement>(null);
  useFocusLoss(row, () => onFocusLost(identity));
  const marks = [
    displayName,
    own ? 'you' : undefined,
    moderator ? 'moderator' : undefined,
    muted ? 'muted' : undefined,
    handRaisedAt === undefined ? undefined : 'hand raised',
    pinned ? 'pinned' : undefined,
    spotlit ? 'in the spotlight' : undefined,
  ];
  const label = marks.filter((mark) => mark !== undefined).join(', ');
  return (
    <li ref={row} className="person" aria-label={label} data-testid="person" data-identity={identity}>
      <Avatar name={displayName} identity={identity} />
      <span className="person-words" aria-hidden="true">
        <span className="person-name">
          {displayName}
          {own && <span className="person-own"> (you)</span>}
        </span>
        {moderator && (
          <span className="person-role">
            <ShieldCheck />
            Moderator
          </span>
        )}
      </span>
      {spotlit && <Spotlight className="person-spotlit" aria-hidden="true" />}
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
      {children}
    </li>
  );
}
