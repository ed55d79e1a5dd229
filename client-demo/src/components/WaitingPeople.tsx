import { Check, UserX } from 'lucide-react';
import type { Knock } from '../../../src/client/index.ts';
import type { Act } from '../hooks/useModeration.ts';
import { admit, admitAll, refuse } from '../lib/roomDeeds.ts';
import { Avatar } from './Avatar.tsx';

/** Who is in the lobby, for those who let people in. */
export function WaitingPeople({ waiting, act }: { waiting: readonly Knock[]; act: Act }) {
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
          <li key={knock.knockId} className="person" aria-label={knock.displayName} data-testid="knock">
            <Avatar name={knock.displayName} identity={knock.identity} />
            <span className="person-words person-name" aria-hidden="true">
              {knock.displayName}
            </span>
            <button
              type="button"
              className="icon-button"
              aria-label={`Refuse ${knock.displayName}`}
              data-tooltip="Refuse"
              onClick={() => act(refuse(knock))}
            >
              <UserX aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon-button waiting-admit"
              aria-label={`Admit ${knock.displayName}`}
              data-tooltip="Admit"
              onClick={() => act(admit(knock))}
            >
              <Check aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
