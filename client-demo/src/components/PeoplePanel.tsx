import { SearchX, Users, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type People, usePeople } from '../hooks/usePeople.ts';
import type { StageView } from '../hooks/useStageView.ts';
import { type Person, splitByHand } from '../lib/people.ts';
import { cameraKey } from '../lib/tiles.ts';
import { PersonRow } from './PersonRow.tsx';

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
  const id = useId();
  const search = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
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
          onPin={() => view.togglePin({ key, identity, publicationId: cameraId })}
        />
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
        <p className="hint" role="status">
          {countText(people, query, room.participantCount)}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable to scroll it by keyboard */}
      <section className="people-list" aria-label="List of people" tabIndex={0}>
        {hands.length > 0 && (
          <>
            <h3>Raised hands</h3>
            <ul>{rows(hands)}</ul>
            {others.length > 0 && <h3>Everybody else</h3>}
          </>
        )}
        <ul>{rows(others)}</ul>
        <Rest people={people} alone={room.participantCount <= 1} query={query} />
      </section>
    </aside>
  );
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
