import { type ReactNode, useEffect, useId, useRef } from 'react';

interface Props {
  readonly title: string;
  /** What comes of it. */
  readonly text: string;
  /** What can be said with it. */
  readonly field?: ReactNode;
  /** The buttons that do it. */
  readonly children: ReactNode;
  onCancel(): void;
}

/** Asks once more, in a Popover: whoever does something else instead has answered as well. */
export function Confirm({ title, text, field, children, onCancel }: Props) {
  const id = useId();
  const cancel = useRef<HTMLButtonElement>(null);
  // A second press of the same key must not be the answer.
  useEffect(() => cancel.current?.focus(), []);
  return (
    <div role="alertdialog" aria-labelledby={id} aria-describedby={`${id}-text`} className="confirm">
      <h3 id={id}>{title}</h3>
      <p id={`${id}-text`}>{text}</p>
      {field}
      <div className="confirm-actions">
        {children}
        <button ref={cancel} type="button" className="button button-small" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </div>
  );
}
