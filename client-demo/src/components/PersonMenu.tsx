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
import { type RefObject, useMemo, useState } from 'react';
import type { Breakouts } from '../hooks/useBreakouts.ts';
import type { Act } from '../hooks/useModeration.ts';
import type { Person } from '../lib/people.ts';
import { type DeedId, deedsFor, removal, resignation } from '../lib/personActions.ts';
import { move } from '../lib/roomDeeds.ts';
import { Confirm } from './Confirm.tsx';
import { Menu, MenuItem, MenuLine } from './Menu.tsx';
import { MoveTo } from './MoveTo.tsx';
import { rowOf } from './PersonRow.tsx';
import { Popover } from './Popover.tsx';
import { SendAway } from './SendAway.tsx';

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

interface ButtonProps {
  readonly person: Person;
  /** Whether the person's menu is open. */
  readonly open: boolean;
  onToggle(): void;
}

/** In the person's row. */
export function PersonMenuButton({ person, open, onToggle }: ButtonProps) {
  return (
    <button
      type="button"
      className="icon-button person-more"
      aria-label={nameOf(person)}
      aria-haspopup="menu"
      aria-expanded={open}
      onClick={onToggle}
    >
      <EllipsisVertical aria-hidden="true" />
    </button>
  );
}

interface Props {
  readonly person: Person;
  /** Where the person's row is, if it is anywhere. */
  readonly list: RefObject<HTMLElement | null>;
  /** The name of the room that all are in. */
  readonly room: string;
  /** Undefined for who may not move people. */
  readonly breakouts: Breakouts | undefined;
  /** The identities of those who are in the spotlight. */
  readonly spotlight: readonly string[];
  readonly act: Act;
  onClose(): void;
}

type View = 'menu' | 'move' | 'remove' | 'resign';

/** What a moderator can do with one person, or with oneself. It is not in the row, which comes and goes with a raised hand. */
export function PersonMenu(props: Props) {
  const { person, list, room, breakouts, act, onClose } = props;
  const [view, setView] = useState<View>('menu');
  const { identity, displayName, own } = person;
  const anchor = useMemo(() => menuButtonIn(list, identity), [list, identity]);
  return (
    <Popover anchor={anchor} className="popover-menu" onClose={onClose}>
      {view === 'menu' && <Actions {...props} onView={setView} />}
      {view === 'move' && breakouts && (
        <MoveTo
          title={own ? 'Go to another room' : `Move ${displayName} to another room`}
          room={room}
          breakouts={breakouts}
          onMove={(choice) => {
            onClose();
            act(move(person, choice));
          }}
        />
      )}
      {view === 'remove' && <Removal person={person} act={act} onClose={onClose} />}
      {view === 'resign' && <Resignation person={person} act={act} onClose={onClose} />}
    </Popover>
  );
}

function nameOf({ own, displayName }: Person): string {
  return own ? 'Moderate yourself' : `Moderate ${displayName}`;
}

/** The button of the row as it is now, or the list where there is none any more. */
function menuButtonIn(list: RefObject<HTMLElement | null>, identity: string): RefObject<HTMLElement | null> {
  return {
    get current() {
      return list.current?.querySelector<HTMLElement>(`${rowOf(identity)} .person-more`) ?? list.current;
    },
  };
}

interface ActionsProps extends Pick<Props, 'breakouts' | 'person' | 'spotlight' | 'act' | 'onClose'> {
  onView(view: View): void;
}

function Actions({ person, breakouts, spotlight, act, onView, onClose }: ActionsProps) {
  return (
    <Menu label={nameOf(person)} title={person.own ? 'You' : person.displayName} onClose={onClose}>
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
      {breakouts && (
        <MenuItem icon={DoorOpen} onSelect={() => onView('move')}>
          {person.own ? 'Go to another room…' : 'Move to another room…'}
        </MenuItem>
      )}
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

type ViewProps = Pick<Props, 'person' | 'act' | 'onClose'>;

function Removal({ person, act, onClose }: ViewProps) {
  return (
    <SendAway
      title={`Remove ${person.displayName}?`}
      text="They leave at once and are told that it was you. Who is banned cannot come back until the meeting is over."
      verb="Remove"
      onDo={(ban, reason) => {
        onClose();
        act(removal(person, ban, reason));
      }}
      onCancel={onClose}
    />
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
