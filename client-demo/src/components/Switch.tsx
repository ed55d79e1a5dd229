import { useId } from 'react';

interface Props {
  readonly label: string;
  readonly help: string;
  readonly on: boolean;
  onChange(on: boolean): void;
}

/** On or off, at once. */
export function Switch({ label, help, on, onChange }: Props) {
  const id = useId();
  return (
    <div className="switch-row">
      <label htmlFor={id}>
        {label}
        <span id={`${id}-help`} className="hint">
          {help}
        </span>
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="switch"
        checked={on}
        aria-checked={on}
        aria-label={label}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}
