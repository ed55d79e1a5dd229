import { LayoutGrid, PanelRight, Settings, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Layout } from '../lib/largeTile.ts';
import { CopyLinkButton } from './CopyLinkButton.tsx';
import { Logo } from './Logo.tsx';

interface Props {
  readonly roomName: string;
  /** The room that others are invited to. */
  readonly invitedTo: string;
  /** What is special about the room right now, beside its name. */
  readonly signs: ReactNode;
  readonly people: number;
  readonly peopleOpen: boolean;
  readonly layout: Layout;
  readonly shortcuts: boolean;
  /** More buttons, before the settings. */
  readonly children?: ReactNode;
  onPeople(): void;
  onLayout(): void;
  onSettings(): void;
}

export function MeetingHeader(props: Props) {
  const { roomName, invitedTo, signs, people, peopleOpen, layout, shortcuts, children } = props;
  const { onPeople, onLayout, onSettings } = props;
  const layoutLabel = layout === 'grid' ? 'Speaker view' : 'Grid view';
  const count = people === 1 ? '1 person' : `${people} people`;
  const tip = (label: string, letter: string) => (shortcuts ? `${label} (${letter})` : label);
  return (
    <header className="meeting-header">
      <Logo />
      <h1 className="meeting-name" title={roomName}>
        {roomName}
      </h1>
      {signs}
      <button
        type="button"
        className={`people-button ${peopleOpen ? 'people-button-active' : ''}`}
        aria-label={`${peopleOpen ? 'Close' : 'Open'} the list of people, ${count}`}
        aria-keyshortcuts={shortcuts ? 'P' : undefined}
        data-tooltip={tip('People', 'p')}
        onClick={onPeople}
      >
        <Users aria-hidden="true" />
        {people}
      </button>
      <span className="header-gap" />
      <CopyLinkButton roomName={invitedTo} />
      <button
        type="button"
        className="icon-button"
        aria-label={layoutLabel}
        aria-keyshortcuts={shortcuts ? 'G' : undefined}
        data-tooltip={tip(layoutLabel, 'g')}
        onClick={onLayout}
      >
        {layout === 'grid' ? <PanelRight aria-hidden="true" /> : <LayoutGrid aria-hidden="true" />}
      </button>
      {children}
      <button type="button" className="icon-button" aria-label="Settings" data-tooltip="Settings" onClick={onSettings}>
        <Settings aria-hidden="true" />
      </button>
    </header>
  );
}
