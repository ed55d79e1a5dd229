import { ChevronUp, PhoneOff } from 'lucide-react';
import { useRef, useState } from 'react';
import { Confirm } from './Confirm.tsx';
import { Popover } from './Popover.tsx';

interface Props {
  /** Ends the meeting for everybody; undefined for those who may not. */
  readonly onEnd: (() => void) | undefined;
  onLeave(): void;
}

/** The way out; for moderators also the end for everybody, one more step away than their own leaving. */
export function LeaveControls({ onEnd, onLeave }: Props) {
  const [open, setOpen] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  return (
    <div className={`leave ${onEnd === undefined ? '' : 'leave-split'}`}>
      <button type="button" className="leave-button" aria-label="Leave" data-tooltip="Leave" onClick={onLeave}>
        <PhoneOff aria-hidden="true" />
        <span className="leave-text">Leave</span>
      </button>
      {onEnd !== undefined && (
        <button
          ref={more}
          type="button"
          className="leave-button leave-more"
          aria-label="End the meeting for everybody"
          aria-haspopup="dialog"
          aria-expanded={open}
          data-tooltip="End for everybody"
          onClick={() => setOpen((now) => !now)}
        >
          <ChevronUp aria-hidden="true" />
        </button>
      )}
      {open && onEnd !== undefined && (
        <Popover anchor={more} onClose={close}>
          <Confirm
            title="End the meeting for everybody?"
            text="All of you leave at once. The others are told that it was you."
            onCancel={close}
          >
            <button
              type="button"
              className="button button-small button-danger"
              onClick={() => {
                close();
                onEnd();
              }}
            >
              End for everybody
            </button>
          </Confirm>
        </Popover>
      )}
    </div>
  );
}
