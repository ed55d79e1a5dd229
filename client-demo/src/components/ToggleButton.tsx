import type { LucideIcon } from 'lucide-react';

interface Props {
  /** Off is drawn in a warning colour, so that one glance tells whether one is heard and seen. */
  readonly on: boolean;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly trouble?: boolean;
  readonly busy?: boolean;
  readonly shortcut?: string;
  onClick(): void;
}

/** A round switch for a device. Its name says what a click does, so it carries no pressed state. */
export function ToggleButton({ on, label, icon: Icon, trouble = false, busy = false, shortcut, onClick }: Props) {
  return (
    <button
      type="button"
      className={`round-button ${on ? '' : 'round-button-off'}`}
      aria-label={label}
      aria-busy={busy}
      aria-keyshortcuts={shortcut?.toUpperCase()}
      data-tooltip={shortcut === undefined ? label : `${label} (${shortcut})`}
      onClick={onClick}
    >
      <Icon aria-hidden="true" />
      {trouble && <span className="round-button-trouble" aria-hidden="true" />}
    </button>
  );
}
