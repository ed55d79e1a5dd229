import { SearchX, Users, X } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { useBreakouts } from '../hooks/useBreakouts.ts';
import { useModeration } from '../hooks/useModeration.ts';
import { type People, usePeople } from '../hooks/usePeople.ts';
import type { StageView } from '../hooks/useStageView.ts';
import { type Person, splitByHand } from '../lib/people.ts';
import { lowerAllHands, muteAll } from '../lib/roomDeeds.ts';
import { cameraKey } from '../lib/tiles.ts';
import { BannedPeople } from './BannedPeople.tsx';
import { PersonMenu, PersonMenuButton } from './PersonMenu.tsx';
import { PersonRow, rowOf } from './PersonRow.tsx';
import { WaitingPeople } from './WaitingPeople.tsx';

interface Props {
  readonly room: Room;
  readonly view: StageView;
  onClose(): void;
}

/** Everybody in the room: raised hands first, then by name; in a large room page by page as somebody scrolls. */
export function PeoplePanel({ room, view, onClose }: Props) {
  const [query, setQuery] = useState('');
  const people = usePeople(room, query);
  const { hands, others } = splitByHand(people.list);
  const moderates = room.local?.moderator ?? false;
  const act = useModeration(room);
  const breakouts = useBreakouts(room.name);
  const id = useId();
  const search = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
  const { list: section, lose } = useKeptFocus();
  const [moderatedId, setModerated] = useState<string | undefined>(undefined);
  const moderated = moderates ? people.list.find(({ participantId }) => participantId === moderatedId) : undefined;
  // Who comes back into the list finds no open menu.
  if (moderatedId !== undefined && moderated === undefined) setModerated(undefined);
  useEffect(() => {
    // On a phone the keyboard would cover the list at once.
    if (window.matchMedia('(hover: hover)').matches) search.current?.focus();
    else panel.current?.focus();
  }, []);

  const rows = (list: readonly Person[]) =>
    list.map((person) => {
      const key = cameraKey(person.identity);
      const { identity, cameraId } = person;
      return (
        <PersonRow
          key={identity}
          person={person}
          pinned={view.isPinned(key)}
          spotlit={room.spotlight.includes(identity)}
          onPin={() => view.togglePin({ key, identity, publicationId: cameraId })}
          onFocusLost={lose}
        >
          {moderates && (
            <PersonMenuButton
              person={person}
              open={person === moderated}
              onToggle={() => setModerated(person === moderated ? undefined : person.participantId)}
            />
          )}
        </PersonRow>
      );
    });

  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className="side-panel people-panel"
      aria-label="People"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className="side-panel-header">
        <h2>People</h2>
        <button type="button" className="icon-button" aria-label="Hide people" onClick={onClose}>
          <X aria-hidden="true" />
        </button>
      </header>
      <div className="people-search">
        <label htmlFor={id} className="visually-hidden">
          Search people
        </label>
        <input
          ref={search}
          id={id}
          type="search"
          value={query}
          maxLength={64}
          placeholder="Search by name"
          autoComplete="off"
          onChange={(event) => setQuery(event.target.value)}
        />
        <div className="people-line">
          <p className="hint" role="status">
            {countText(people, query, room.participantCount)}
          </p>
          {moderates && room.participantCount > 1 && (
            <button type="button" className="text-button" onClick={() => act(muteAll)}>
              Mute all
            </button>
          )}
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable to scroll it by keyboard */}
      <section ref={section} className="people-list" aria-label="List of people" tabIndex={0}>
        {moderates && <WaitingPeople waiting={room.lobby} act={act} onFocusLost={lose} />}
        {hands.length > 0 && (
          <>
            <div className="people-line">
              <h3>Raised hands</h3>
              {moderates && (
                <button type="button" className="text-button" onClick={() => act(lowerAllHands)}>
                  Lower all
                </button>
              )}
            </div>
            <ul>{rows(hands)}</ul>
            {others.length > 0 && <h3>Everybody else</h3>}
          </>
        )}
        <ul>{rows(others)}</ul>
        <Rest people={people} alone={room.participantCount <= 1} query={query} />
        {moderates && query.trim() === '' && <BannedPeople room={room} act={act} />}
      </section>
      {moderated !== undefined && (
        <PersonMenu
          key={moderated.participantId}
          person={moderated}
          list={section}
          room={room.name}
          breakouts={room.canMove ? breakouts : undefined}
          spotlight={room.spotlight}
          act={act}
          onClose={() => setModerated(undefined)}
        />
      )}
    </aside>
  );
}

/** Where a row goes that has the focus: to the same person's row, if that is elsewhere now, or to the list. */
function useKeptFocus() {
  const list = useRef<HTMLElement>(null);
  const lost = useRef<string | undefined>(undefined);
  // At each drawing: the row has gone in the one that has just been made.
  useLayoutEffect(() => {
    const identity = lost.current;
    if (identity === undefined) return;
    lost.current = undefined;
    const row = list.current?.querySelector(rowOf(identity));
    const button = row?.querySelector<HTMLElement>('.person-more, .person-pin');
    (button ?? list.current)?.focus();
  });
  const lose = (identity: string) => {
    lost.current = identity;
  };
  return { list, lose };
}

function countText({ total, state }: People, query: string, count: number): string {
  if (state === 'loading') return 'Searching…';
  if (query.trim() !== '') return `${total} of ${count}`;
  return count === 1 ? '1 person' : `${count} people`;
}

/** What comes after the last row: more, a failure, or that there is nobody. */
function Rest({ people, alone, query }: { people: People; alone: boolean; query: string }) {
  const { list, state, more, again } = people;
  if (state === 'failed') {
    return (
      <div className="people-empty" role="alert">
        <p>The list could not be loaded</p>
        <button type="button" className="button button-small" onClick={again}>
          Try again
        </button>
      </div>
    );
  }
  if (list.length === 0 && state === 'ready') {
    return (
      <div className="people-empty">
        <SearchX aria-hidden="true" />
        <p>Nobody is called “{query.trim()}”</p>
      </div>
    );
  }
  if (alone && query.trim() === '') {
    return (
      <div className="people-empty">
        <Users aria-hidden="true" />
        <p>Nobody else is here yet</p>
      </div>
    );
  }
  return more === undefined ? null : <More key={list.length} onMore={more} />;
}

/** Loads the next page when it is scrolled to; a button for those who go by keyboard. */
function More({ onMore }: { onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const load = useRef(onMore);
  useEffect(() => {
    load.current = onMore;
  });
  useEffect(() => {
    const element = button.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) load.current();
      },
      { root: element.closest('.people-list'), rootMargin: '200px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <button ref={button} type="button" className="button button-small people-more" onClick={onMore}>
      Show more
    </button>
  );
}
