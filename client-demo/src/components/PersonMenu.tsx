import {
  DoorOpen,
  EllipsisVertical,
  Hand,
  type LucideIcon,
  MicOff,
  MicVocal,
  MonitorX,
  ShieldCheck,
  ShieldOff,
  Spotlight,
  UserX,
  VideoOff,
} from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { Breakouts } from '../hooks/useBreakouts.ts';
import type { Act } from '../hooks/useModeration.ts';
import type { Person } from '../lib/people.ts';
import { type DeedId, deedsFor, removal, resignation } from '../lib/personActions.ts';
import { move } from '../lib/roomDeeds.ts';
import { Confirm } from './Confirm.tsx';
import { Menu, MenuItem, MenuLine } from './Menu.tsx';
import { MoveTo } from './MoveTo.tsx';
import { Popover } from './Popover.tsx';

const icons: Readonly<Record<DeedId, LucideIcon>> = {
  mute: MicOff,
  'ask-to-unmute': MicVocal,
  'camera-off': VideoOff,
  'stop-screen': MonitorX,
  'lower-hand': Hand,
  spotlight: Spotlight,
  promote: ShieldCheck,
  demote: ShieldOff,
};

interface Props {
  readonly person: Person;
  /** The name of the room that all are in. */
  readonly room: string;
  readonly breakouts: Breakouts;
  /** The identities of those who are in the spotlight. */
  readonly spotlight: readonly string[];
  readonly act: Act;
}

type View = 'closed' | 'menu' | 'move' | 'remove' | 'resign';

/** What a moderator can do with one person, or with oneself. */
export function PersonMenu(props: Props) {
  const { person, room, breakouts, act } = props;
  const [view, setView] = useState<View>('closed');
  const button = useRef<HTMLButtonElement>(null);
  const { displayName, own } = person;
  const close = () => setView('closed');
  const name = own ? 'Moderate yourself' : `Moderate ${displayName}`;
  return (
    <>
      <button
        ref={button}
        type="button"
        className="icon-button person-more"
        aria-label={name}
        aria-haspopup="menu"
        aria-expanded={view !== 'closed'}
        onClick={() => setView((now) => (now === 'closed' ? 'menu' : 'closed'))}
      >
        <EllipsisVertical aria-hidden="true" />
      </button>
      {view !== 'closed' && (
        <Popover anchor={button} className="popover-menu" onClose={close}>
          {view === 'menu' && <Actions {...props} name={name} onView={setView} onClose={close} />}
          {view === 'move' && (
            <MoveTo
              title={own ? 'Go to another room' : `Move ${displayName} to another room`}
              room={room}
              breakouts={breakouts}
              onMove={(choice) => {
                close();
                act(move(person, choice));
              }}
            />
          )}
          {view === 'remove' && <Removal person={person} act={act} onClose={close} />}
          {view === 'resign' && <Resignation person={person} act={act} onClose={close} />}
        </Popover>
      )}
    </>
  );
}

interface ActionsProps extends Props {
  readonly name: string;
  onView(view: View): void;
  onClose(): void;
}

function Actions({ name, person, spotlight, act, onView, onClose }: ActionsProps) {
  return (
    <Menu label={name} onClose={onClose}>
      {deedsFor(person, spotlight).map(({ id, label, deed }) => (
        <MenuItem
          key={id}
          icon={icons[id]}
          onSelect={() => {
            onClose();
            act(deed);
          }}
        >
          {label}
        </MenuItem>
      ))}
      <MenuItem icon={DoorOpen} onSelect={() => onView('move')}>
        {person.own ? 'Go to another room…' : 'Move to another room…'}
      </MenuItem>
      <MenuLine />
      {person.own ? (
        <MenuItem icon={ShieldOff} danger onSelect={() => onView('resign')}>
          Give up moderation…
        </MenuItem>
      ) : (
        <MenuItem icon={UserX} danger onSelect={() => onView('remove')}>
          Remove…
        </MenuItem>
      )}
    </Menu>
  );
}

interface ViewProps extends Pick<Props, 'person' | 'act'> {
  onClose(): void;
}

function Removal({ person, act, onClose }: ViewProps) {
  const id = useId();
  const [reason, setReason] = useState('');
  const remove = (ban: boolean) => () => {
    onClose();
    act(removal(person, ban, reason));
  };
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
    <Confirm
      title={`Remove ${person.displayName}?`}
      text="They leave at once and are told that it was you. Who is banned cannot come back until the meeting is over."
      field={field}
      onCancel={onClose}
    >
      <button type="button" className="button button-small button-danger" onClick={remove(false)}>
        Remove
      </button>
      <button type="button" className="button button-small button-danger" onClick={remove(true)}>
        Remove and ban
      </button>
    </Confirm>
  );
}

function Resignation({ person, act, onClose }: ViewProps) {
  return (
    <Confirm
      title="Give up moderation?"
      text="You cannot take it back yourself: another moderator has to give it to you again."
      onCancel={onClose}
    >
      <button
        type="button"
        className="button button-small button-danger"
        onClick={() => {
          onClose();
          act(resignation(person));
        }}
      >
        Give it up
      </button>
    </Confirm>
  );
}
