import { ArrowRight, DoorOpen, House } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Breakouts } from '../hooks/useBreakouts.ts';
import { cleanLabel, familyOf, type MoveChoice, moveChoices } from '../lib/breakouts.ts';

interface Props {
  readonly title: string;
  /** The name of the room that one is in. */
  readonly room: string;
  readonly breakouts: Breakouts;
  onMove(choice: MoveChoice): void;
}

/** Which room of the meeting it shall be: one that is known, or a new one. */
export function MoveTo({ title, room, breakouts, onMove }: Props) {
  const id = useId();
  const [text, setText] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const family = familyOf(room);
  const label = cleanLabel(family, text);
  useEffect(() => list.current?.querySelector('button')?.focus(), []);

  const move = (choice: MoveChoice) => {
    if (choice.room !== family) breakouts.remember(choice.label);
    onMove(choice);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (label !== '') move({ room: `${family}--${label}`, label });
  };

  return (
    <section role="dialog" aria-labelledby={id} className="move">
      <h3 id={id}>{title}</h3>
      <div ref={list}>
        {moveChoices(room, breakouts.labels).map((choice) => (
          <button key={choice.room} type="button" className="menu-item" onClick={() => move(choice)}>
            {choice.room === family ? <House aria-hidden="true" /> : <DoorOpen aria-hidden="true" />}
            <span>{choice.label}</span>
          </button>
        ))}
      </div>
      <form className="move-new" onSubmit={submit}>
        <label htmlFor={`${id}-new`} className="hint">
          Or a room of another name
        </label>
        <div className="input-row">
          <input
            id={`${id}-new`}
            value={text}
            maxLength={40}
            autoComplete="off"
            enterKeyHint="go"
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" className="icon-button" aria-label="Move there" aria-disabled={label === ''}>
            <ArrowRight aria-hidden="true" />
          </button>
        </div>
      </form>
    </section>
  );
}
