import { Bug } from 'lucide-react';
import { type ToggleEvent, useId, useRef } from 'react';
import type { Room, SimulatedFault } from '../../../src/client/index.ts';
import { useNotices } from '../hooks/useNotices.tsx';

const items: Readonly<Record<SimulatedFault, { readonly name: string; readonly help: string }>> = {
  'worker-killed': {
    name: 'Kill my worker',
    help: 'The process with your media ends, for everybody on it. Another one takes over.',
  },
  'worker-hung': {
    name: 'Hang my worker',
    help: 'That process stops in its tracks. The server has to notice first.',
  },
  'socket-cut': {
    name: 'Drop my connection',
    help: 'The server cannot be reached for three seconds. Sound and pictures go on.',
  },
  'udp-blocked': {
    name: 'Block my UDP',
    help: 'Your media come back over TCP, and stay there until you join again.',
  },
};

/** For developers: breaks something on the server, to see how the meeting goes on. Only where the server offers it. */
export function DebugMenu({ room }: { readonly room: Room }) {
  const menu = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  const { tell } = useNotices();
  const faults = room.simulatedFaults;
  if (faults.length === 0) return null;

  const simulate = (fault: SimulatedFault) => {
    menu.current?.hidePopover();
    room.simulateFault(fault).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      tell('trouble', `“${items[fault].name}” did not work`, `The server said: ${message}`);
    });
  };
  // The browser gives the focus back to the button when the menu closes.
  const focusFirst = ({ newState }: ToggleEvent<HTMLFieldSetElement>) => {
    if (newState === 'open') menu.current?.querySelector('button')?.focus();
  };

  return (
    <>
      <button type="button" className="icon-button" aria-label="Debug" data-tooltip="Debug" popoverTarget={id}>
        <Bug aria-hidden="true" />
      </button>
      <fieldset
        ref={menu}
        id={id}
        popover="auto"
        aria-label="Break something, to see how it comes back"
        className="debug-menu"
        onToggle={focusFirst}
        onKeyDown={(event) => event.stopPropagation()}
      >
        {faults.map((fault) => (
          <button
            key={fault}
            type="button"
            className="debug-item"
            aria-label={items[fault].name}
            aria-describedby={`${id}-${fault}`}
            onClick={() => simulate(fault)}
          >
            {items[fault].name}
            <span id={`${id}-${fault}`} className="hint">
              {items[fault].help}
            </span>
          </button>
        ))}
      </fieldset>
    </>
  );
}
