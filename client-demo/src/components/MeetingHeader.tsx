import { Settings, Users } from 'lucide-react';
import { CopyLinkButton } from './CopyLinkButton.tsx';
import { Logo } from './Logo.tsx';

interface Props {
  readonly roomName: string;
  readonly people: number;
  onSettings(): void;
}

export function MeetingHeader({ roomName, people, onSettings }: Props) {
  return (
    <header className="meeting-header">
      <Logo />
      <h1 className="meeting-name" title={roomName}>
        {roomName}
      </h1>
      <span className="people" role="img" aria-label={people === 1 ? '1 person' : `${people} people`}>
        <Users aria-hidden="true" />
        {people}
      </span>
      <span className="header-gap" />
      <CopyLinkButton roomName={roomName} />
      <button type="button" className="icon-button" aria-label="Settings" data-tooltip="Settings" onClick={onSettings}>
        <Settings aria-hidden="true" />
      </button>
    </header>
  );
}
