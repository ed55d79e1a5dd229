import { ChevronRight } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { Ban, Room } from '../../../src/client/index.ts';
import { type BanList, useBans } from '../hooks/useBans.ts';
import { useFocusLoss } from '../hooks/useFocusLoss.ts';
import type { Act } from '../hooks/useModeration.ts';
import { unban } from '../lib/roomDeeds.ts';
import { Avatar } from './Avatar.tsx';

/** Who cannot come in as long as the meeting lasts, for those who may change that: shown where somebody wants to see it. */
export function BannedPeople({ room, act }: { room: Room; act: Act }) {
  const [shown, setShown] = useState(false);
  const { list, refresh } = useBans(room, shown);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <section className="banned" aria-label="Banned people">
      <h3>
        <button
          ref={button}
          type="button"
          className="banned-toggle"
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => setShown((now) => !now)}
        >
          <ChevronRight aria-hidden="true" />
          Banned{shown && list.state === 'ready' && list.bans.length > 0 && ` (${list.bans.length})`}
        </button>
      </h3>
      <div id={id} hidden={!shown}>
        {shown && <Bans list={list} act={act} onChanged={refresh} onFocusLost={() => button.current?.focus()} />}
      </div>
    </section>
  );
}

interface BansProps {
  readonly list: BanList;
  readonly act: Act;
  onChanged(): void;
  onFocusLost(): void;
}

function Bans({ list, act, onChanged, onFocusLost }: BansProps) {
  return (
    <>
      <p className={list.state === 'ready' && list.bans.length > 0 ? 'visually-hidden' : 'hint'} role="status">
        {wordsFor(list)}
      </p>
      {list.state === 'failed' && (
        <button type="button" className="button button-small" onClick={onChanged}>
          Try again
        </button>
      )}
      {list.state === 'ready' && (
        <ul>
          {list.bans.map((ban) => (
            <Banned key={ban.identity} ban={ban} act={act} onChanged={onChanged} onFocusLost={onFocusLost} />
          ))}
        </ul>
      )}
    </>
  );
}

function wordsFor(list: BanList): string {
  if (list.state === 'loading') return 'Loading…';
  if (list.state === 'failed') return 'The list could not be loaded';
  if (list.bans.length === 0) return 'Nobody is banned from this meeting';
  return list.bans.length === 1 ? 'One person is banned' : `${list.bans.length} people are banned`;
}

interface BannedProps extends Pick<BansProps, 'act' | 'onChanged' | 'onFocusLost'> {
  readonly ban: Ban;
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

function Banned({ ban, act, onChanged, onFocusLost }: BannedProps) {
  const { displayName, identity, by, at, reason } = ban;
  const row = useRef<HTMLLIElement>(null);
  const [busy, setBusy] = useState(false);
  useFocusLoss(row, onFocusLost);
  return (
    <li ref={row} className="person" data-testid="ban">
      <Avatar name={displayName} identity={identity} />
      <div className="person-words">
        <span className="person-name">{displayName}</span>
        <span className="banned-why">
          by {by.displayName}, {time.format(at)}
          {reason !== undefined && <q className="banned-reason">{reason}</q>}
        </span>
      </div>
      <button
        type="button"
        className="button button-small"
        aria-label={`Unban ${displayName}`}
        aria-disabled={busy}
        onClick={() => {
          if (busy) return;
          setBusy(true);
          act(unban(ban), () => {
            setBusy(false);
            onChanged();
          });
        }}
      >
        Unban
      </button>
    </li>
  );
}
