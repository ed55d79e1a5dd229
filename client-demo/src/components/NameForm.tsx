import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { cleanName } from '../../../src/client/index.ts';
import { maxNameLength } from '../lib/displayName.ts';

interface Props {
  readonly name: string;
  readonly joining: boolean;
  readonly children?: ReactNode;
  onChange(name: string): void;
  onSubmit(name: string): void;
}

export function NameForm({ name, joining, children, onChange, onSubmit }: Props) {
  const [checked, setChecked] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const wrong = checked && cleanName(name) === '';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    const cleaned = cleanName(name);
    if (cleaned === '') input.current?.focus();
    else if (!joining) onSubmit(cleaned);
  };

  return (
    <form className="name-form" onSubmit={submit} noValidate>
      <div className="field">
        <label htmlFor={id}>Your name</label>
        <input
          ref={input}
          id={id}
          name="name"
          value={name}
          onChange={(event) => onChange(event.target.value)}
          maxLength={maxNameLength}
          autoComplete="name"
          enterKeyHint="go"
          placeholder="How others see you"
          aria-invalid={wrong}
          aria-describedby={wrong ? `${id}-wrong` : undefined}
        />
        {wrong && (
          <p id={`${id}-wrong`} className="hint hint-wrong" role="alert">
            Enter a name, so that the others know who you are.
          </p>
        )}
      </div>
      {children}
      <button type="submit" className="button button-primary button-large" aria-disabled={joining} aria-busy={joining}>
        {joining && <span className="spinner" aria-hidden="true" />}
        {joining ? 'Joining…' : 'Join'}
      </button>
    </form>
  );
}
