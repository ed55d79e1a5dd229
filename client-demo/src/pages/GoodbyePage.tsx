import { useEffect, useRef } from 'react';
import { Link } from '../components/Link.tsx';
import { PageFrame } from '../components/PageFrame.tsx';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';
import type { Ending } from '../lib/endings.ts';

/** After the meeting: why it ended, and the way back. */
export function GoodbyePage({ roomName, ending, onAgain }: { roomName: string; ending: Ending; onAgain: () => void }) {
  useDocumentTitle(ending.title);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that had the focus is gone: continue reading here.
  useEffect(() => heading.current?.focus(), []);
  return (
    <PageFrame>
      <section className={`card message message-${ending.tone}`}>
        <h1 ref={heading} tabIndex={-1}>
          {ending.title}
        </h1>
        <p className="lead">{ending.help}</p>
        {ending.advice !== undefined && <p className="hint">{ending.advice}</p>}
        <p className="room-tag">{roomName}</p>
        <div className="actions">
          <button type="button" className="button button-primary" onClick={onAgain}>
            Join again
          </button>
          <Link to="/" className="button">
            Back to the start
          </Link>
        </div>
      </section>
    </PageFrame>
  );
}
