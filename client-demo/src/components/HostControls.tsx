import { Hand, House, MicOff, ShieldCheck } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { type Act, useModeration, useReport } from '../hooks/useModeration.ts';
import { labelOf } from '../lib/breakouts.ts';
import { bringBack, bringBackWords } from '../lib/bringBack.ts';
import { limitScreens, lock, lowerAllHands, muteAll, muteNewcomers, openLobby } from '../lib/roomDeeds.ts';
import { Popover } from './Popover.tsx';
import { Switch } from './Switch.tsx';

/** What moderators do with everybody, and how the room is set up. */
export function HostControls({ room }: { room: Room }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const act = useModeration(room);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={`round-button ${open ? 'round-button-active' : ''}`}
        aria-label="Host controls"
        aria-haspopup="dialog"
        aria-expanded={open}
        data-tooltip="Host controls"
        onClick={() => setOpen((now) => !now)}
      >
        <ShieldCheck aria-hidden="true" />
      </button>
      {open && (
        <Popover anchor={button} onClose={() => setOpen(false)}>
          <Controls room={room} act={act} />
        </Popover>
      )}
    </>
  );
}

function Controls({ room, act }: { room: Room; act: Act }) {
  const { settings } = room;
  const report = useReport();
  const id = useId();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <section role="dialog" aria-labelledby={id} className="host">
      <h3 id={id}>Host controls</h3>
      <div className="host-actions">
        <button ref={first} type="button" className="button button-small" onClick={() => act(muteAll)}>
          <MicOff aria-hidden="true" />
          Mute all
        </button>
        <button type="button" className="button button-small" onClick={() => act(lowerAllHands)}>
          <Hand aria-hidden="true" />
          Lower all hands
        </button>
      </div>
      {room.canMove && labelOf(room.name) !== undefined && (
        <button
          type="button"
          className="button button-small"
          onClick={() => void report(bringBack(room), bringBackWords)}
        >
          <House aria-hidden="true" />
          Bring everybody back
        </button>
      )}
      <Switch
        label="Lock the meeting"
        help="Nobody new comes in. Who is here may come back."
        on={settings.locked}
        onChange={(on) => act(lock(on))}
      />
      <Switch
        label="Lobby"
        help="Who comes waits until a moderator lets them in."
        on={settings.lobby}
        onChange={(on) => act(openLobby(on))}
      />
      <Switch
        label="Only moderators may share"
        help="Screens that others share are stopped."
        on={settings.screenShare === 'moderators'}
        onChange={(on) => act(limitScreens(on))}
      />
      <Switch
        label="Newcomers start muted"
        help="They can unmute themselves."
        on={settings.startMuted}
        onChange={(on) => act(muteNewcomers(on))}
      />
    </section>
  );
}
