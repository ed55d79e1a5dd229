import { DoorOpen } from 'lucide-react';
import { type RefObject, useMemo, useRef, useState } from 'react';
import type { Knock } from '../../../src/client/index.ts';
import type { Act } from '../hooks/useModeration.ts';
import { admit, admitAll } from '../lib/roomDeeds.ts';
import { Refusal } from './Refusal.tsx';

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
  const actions = useRef<HTMLSpanElement>(null);
  const [refusedId, setRefused] = useState<string | undefined>(undefined);
  // Also while others come.
  const refused = waiting.find(({ knockId }) => knockId === refusedId);
  const anchor = useMemo(() => lastButtonIn(actions), []);
  return (
    <>
      <p className="visually-hidden" role="status">
        {words}
      </p>
      {first !== undefined && !listed && (
        <section className="banner" aria-label="Waiting to come in">
          <DoorOpen aria-hidden="true" />
          <span>{words}</span>
          <span ref={actions} className="banner-actions">
            {waiting.length === 1 ? (
              <>
                <button type="button" className="button button-small button-primary" onClick={() => act(admit(first))}>
                  Admit
                </button>
                <button
                  type="button"
                  className="button button-small"
                  aria-haspopup="dialog"
                  aria-expanded={first === refused}
                  onClick={() => setRefused(first === refused ? undefined : first.knockId)}
                >
                  Refuse…
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
          {refused !== undefined && (
            <Refusal knock={refused} anchor={anchor} act={act} onClose={() => setRefused(undefined)} />
          )}
        </section>
      )}
    </>
  );
}

/** The one that refuses, or where others have come meanwhile the one that shows them. */
function lastButtonIn(actions: RefObject<HTMLElement | null>): RefObject<HTMLElement | null> {
  return {
    get current() {
      return actions.current?.querySelector<HTMLElement>('button:last-of-type') ?? null;
    },
  };
}

function wordsFor(waiting: readonly Knock[]): string {
  const [first] = waiting;
  if (first === undefined) return '';
  return waiting.length === 1 ? `${first.displayName} wants to come in` : `${waiting.length} people want to come in`;
}
