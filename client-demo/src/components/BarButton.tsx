import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  readonly active?: boolean;
  readonly busy?: boolean;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly shortcut?: string;
  readonly describedBy?: string;
  readonly children?: ReactNode;
  onClick(): void;
}

/** A round button of the control bar. Its name says what a click does, so it carries no pressed state. */
export function BarButton({
  active = false,
  busy = false,
  label,
  icon: Icon,
  shortcut,
  describedBy,
  children,
  onClick,
}: Props) {
  return (
    <button
      type="button"
      className={`round-button ${active ? 'round-button-active' : ''}`}
      aria-label={label}
      aria-busy={busy}
      aria-describedby={describedBy}
      aria-keyshortcuts={shortcut?.toUpperCase()}
      data-tooltip={shortcut === undefined ? label : `${label} (${shortcut})`}
      onClick={onClick}
    >
      <Icon aria-hidden="true" />
      {children}
    </button>
  );
}
