import { useId, useState } from 'react';
import { Confirm } from './Confirm.tsx';

interface Props {
  readonly title: string;
  /** What comes of it. */
  readonly text: string;
  /** The word for it, for example `Remove`. */
  readonly verb: string;
  /** @param reason as it was typed */
  onDo(ban: boolean, reason: string): void;
  onCancel(): void;
}

/** Asks whether somebody really has to go, for how long, and what to tell them. */
export function SendAway({ title, text, verb, onDo, onCancel }: Props) {
  const id = useId();
  const [reason, setReason] = useState('');
  const field = (
    <div className="field">
      <label htmlFor={id}>Reason, if you want to give one</label>
      <input
        id={id}
        value={reason}
        maxLength={200}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
    </div>
  );
  return (
    <Confirm title={title} text={text} field={field} onCancel={onCancel}>
      <button type="button" className="button button-small button-danger" onClick={() => onDo(false, reason)}>
        {verb}
      </button>
      <button type="button" className="button button-small button-danger" onClick={() => onDo(true, reason)}>
        {verb} and ban
      </button>
    </Confirm>
  );
}
