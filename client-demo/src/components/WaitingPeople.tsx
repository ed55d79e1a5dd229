import { Check, UserX } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Knock } from '../../../src/client/index.ts';
import { useFocusLoss } from '../hooks/useFocusLoss.ts';
import type { Act } from '../hooks/useModeration.ts';
import { admit, admitAll } from '../lib/roomDeeds.ts';
import { Avatar } from './Avatar.tsx';
import { Refusal } from './Refusal.tsx';

interface Props {
  readonly waiting: readonly Knock[];
  readonly act: Act;
  /** Who has the focus waits no more. */
  onFocusLost(identity: string): void;
}

/** Who is in the lobby, for those who let people in. */
export function WaitingPeople({ waiting, act, onFocusLost }: Props) {
  if (waiting.length === 0) return null;
  return (
    <section className="waiting" aria-label="Waiting to come in">
      <div className="people-line">
        <h3>Waiting to come in ({waiting.length})</h3>
        {waiting.length > 1 && (
          <button type="button" className="text-button" onClick={() => act(admitAll)}>
            Admit all
          </button>
        )}
      </div>
      <ul>
        {waiting.map((knock) => (
          <Waiting key={knock.knockId} knock={knock} act={act} onFocusLost={onFocusLost} />
        ))}
      </ul>
    </section>
  );
}

function Waiting({ knock, act, onFocusLost }: Omit<Props, 'waiting'> & { readonly knock: Knock }) {
  const { displayName, identity } = knock;
  const row = useRef<HTMLLIElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [refusing, setRefusing] = useState(false);
  useFocusLoss(row, () => onFocusLost(identity));
  return (
    <li ref={row} className="person" aria-label={displayName} data-testid="knock">
      <Avatar name={displayName} identity={identity} />
      <span className="person-words person-name" aria-hidden="true">
        {displayName}
      </span>
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={`Refuse ${displayName}`}
        aria-haspopup="dialog"
        aria-expanded={refusing}
        data-tooltip="Refuse"
        onClick={() => setRefusing((now) => !now)}
      >
        <UserX aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button waiting-admit"
        aria-label={`Admit ${displayName}`}
        data-tooltip="Admit"
        onClick={() => act(admit(knock))}
      >
        <Check aria-hidden="true" />
      </button>
      {refusing && <Refusal knock={knock} anchor={button} act={act} onClose={() => setRefusing(false)} />}
    </li>
  );
}
