import { DoorOpen } from 'lucide-react';
import type { Knock } from '../../../src/client/index.ts';
import type { Act } from '../hooks/useModeration.ts';
import { admit, admitAll, refuse } from '../lib/roomDeeds.ts';

interface Props {
  readonly waiting: readonly Knock[];
  readonly act: Act;
  /** Whether the list of people is open, which shows who waits. */
  readonly listed: boolean;
  onShow(): void;
}

/** Somebody is at the door. It is said once for each change, and stays until it is answered. */
export function LobbyBanner({ waiting, act, listed, onShow }: Props) {
  const words = wordsFor(waiting);
  const [first] = waiting;
  return (
    <>
      <p className="visually-hidden" role="status">
        {words}
      </p>
      {first !== undefined && !listed && (
        <section className="banner" aria-label="Waiting to come in">
          <DoorOpen aria-hidden="true" />
          <span>{words}</span>
          <span className="banner-actions">
            {waiting.length === 1 ? (
              <>
                <button type="button" className="button button-small button-primary" onClick={() => act(admit(first))}>
                  Admit
                </button>
                <button type="button" className="button button-small" onClick={() => act(refuse(first))}>
                  Refuse
                </button>
              </>
            ) : (
              <>
                <button type="button" className="button button-small button-primary" onClick={() => act(admitAll)}>
                  Admit all
                </button>
                <button type="button" className="button button-small" onClick={onShow}>
                  See who
                </button>
              </>
            )}
          </span>
        </section>
      )}
    </>
  );
}

function wordsFor(waiting: readonly Knock[]): string {
  const [first] = waiting;
  if (first === undefined) return '';
  return waiting.length === 1 ? `${first.displayName} wants to come in` : `${waiting.length} people want to come in`;
}
