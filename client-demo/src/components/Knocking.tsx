import { useEffect, useRef } from 'react';
import { useDocumentTitle } from '../hooks/useDocumentTitle.ts';

interface Props {
  readonly roomName: string;
  /** How those who let people in know this person. */
  readonly name: string;
  onCancel(): void;
}

/** In front of the door: somebody has to open it. */
export function Knocking({ roomName, name, onCancel }: Props) {
  useDocumentTitle(`Waiting · ${roomName}`);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that had the focus is gone: continue reading here.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="knocking" aria-labelledby="knocking-title">
      <span className="spinner spinner-large" aria-hidden="true" />
      <h1 id="knocking-title" ref={heading} tabIndex={-1}>
        Waiting to be let in
      </h1>
      <p className="room-tag">{roomName}</p>
      <p className="lead" role="status">
        The moderators know that “{name}” is here. You come in as soon as one of them lets you.
      </p>
      <button type="button" className="button" onClick={onCancel}>
        Stop waiting
      </button>
    </section>
  );
}
