import { roomLink } from '../lib/router.ts';
import { CopyLinkButton } from './CopyLinkButton.tsx';

/** An empty room is an invitation to fill it. */
export function Invitation({ roomName }: { roomName: string }) {
  return (
    <section className="invitation" aria-label="Invite others">
      <p className="invitation-title">You are the only one here</p>
      <p className="invitation-link">{roomLink(roomName)}</p>
      <CopyLinkButton roomName={roomName} label="Copy the invitation" />
    </section>
  );
}
