import type { RefObject } from 'react';
import type { Knock } from '../../../src/client/index.ts';
import type { Act } from '../hooks/useModeration.ts';
import { refuse } from '../lib/roomDeeds.ts';
import { Popover } from './Popover.tsx';
import { SendAway } from './SendAway.tsx';

interface Props {
  readonly knock: Knock;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly act: Act;
  onClose(): void;
}

/** Somebody who waits is not to come in. */
export function Refusal({ knock, anchor, act, onClose }: Props) {
  return (
    <Popover anchor={anchor} onClose={onClose}>
      <SendAway
        title={`Refuse ${knock.displayName}?`}
        text="They are told that it was you, and may ask again. Who is banned cannot come until the meeting is over."
        verb="Refuse"
        onDo={(ban, reason) => {
          onClose();
          act(refuse(knock, ban, reason));
        }}
        onCancel={onClose}
      />
    </Popover>
  );
}
