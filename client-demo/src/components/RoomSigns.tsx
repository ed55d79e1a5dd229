import { DoorOpen, Lock, Timer } from 'lucide-react';
import type { TimeLeft } from '../lib/timeLeft.ts';

interface Props {
  /** Of a breakout room. */
  readonly label: string | undefined;
  readonly locked: boolean;
  readonly timeLeft: TimeLeft | undefined;
}

/** What is special about the room right now. */
export function RoomSigns({ label, locked, timeLeft }: Props) {
  return (
    <>
      {label !== undefined && (
        <span className="sign sign-room" title={`Breakout room ${label}`}>
          <DoorOpen aria-hidden="true" />
          <span className="sign-label">{label}</span>
        </span>
      )}
      {locked && (
        <span className="sign" title="Nobody new comes in">
          <Lock aria-hidden="true" />
          <span className="sign-short">Locked</span>
        </span>
      )}
      {timeLeft !== undefined && <TimeSign timeLeft={timeLeft} />}
    </>
  );
}

/** Spoken when it begins to be urgent, and then each minute. */
function TimeSign({ timeLeft }: { timeLeft: TimeLeft }) {
  const { text, words, urgent } = timeLeft;
  return (
    <span className={`sign sign-time ${urgent ? 'sign-urgent' : ''}`} title={words}>
      <Timer aria-hidden="true" />
      <span aria-hidden="true">{text}</span>
      {!urgent && <span className="visually-hidden">{words}</span>}
      <span className="visually-hidden" role="status">
        {urgent ? words : ''}
      </span>
    </span>
  );
}
