import type { LucideIcon } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

interface MenuProps {
  readonly label: string;
  /** Whom it concerns, for those who see it: on a phone it is not beside its button. */
  readonly title: string;
  readonly children: ReactNode;
  onClose(): void;
}

/** A list of things to do, in a Popover: arrows, Home, End and first letters move in it, Tab goes on from its button. */
export function Menu({ label, title, children, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first item, once
  useEffect(() => items()[0]?.focus(), []);

  const press = (event: KeyboardEvent) => {
    const all = items();
    const at = all.findIndex((item) => item.matches(':focus'));
    const next = itemAfter(event, all, at);
    if (event.key === 'Tab') onClose();
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <div ref={menu} role="menu" aria-label={label} className="menu" tabIndex={-1} onKeyDown={press}>
      <p className="menu-title" aria-hidden="true">
        {title}
      </p>
      {children}
    </div>
  );
}

function itemAfter({ key, ctrlKey, altKey, metaKey }: KeyboardEvent, all: readonly HTMLElement[], at: number) {
  switch (key) {
    case 'ArrowDown':
      return all[(at + 1) % all.length];
    case 'ArrowUp':
      return all.at(at <= 0 ? -1 : at - 1);
    case 'Home':
      return all[0];
    case 'End':
      return all.at(-1);
    default: {
      if (key.length !== 1 || key === ' ' || ctrlKey || altKey || metaKey) return undefined;
      const letter = key.toLocaleLowerCase();
      return [...all.slice(at + 1), ...all.slice(0, at + 1)].find((item) =>
        item.textContent?.toLocaleLowerCase().startsWith(letter),
      );
    }
  }
}

interface ItemProps {
  readonly icon: LucideIcon;
  readonly danger?: boolean;
  readonly children: ReactNode;
  onSelect(): void;
}

export function MenuItem({ icon: Icon, danger = false, children, onSelect }: ItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={`menu-item ${danger ? 'menu-item-danger' : ''}`}
      onClick={onSelect}
    >
      <Icon aria-hidden="true" />
      <span>{children}</span>
    </button>
  );
}

export function MenuLine() {
  return <hr className="menu-line" />;
}
