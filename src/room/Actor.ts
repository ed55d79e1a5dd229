import type { ErrorCode, ModerationAction, Moderator } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';

/** Who does something to a room: somebody in it, the application's server, or Plenum itself. */
export type Actor =
  | { readonly kind: 'participant'; readonly participant: Participant }
  /** `name`: how people are told of it; a display name. `reaches`: whether it acts in a room of that name; default: in all. */
  | { readonly kind: 'application'; readonly name: string; readonly reaches?: (room: string) => boolean }
  | { readonly kind: 'server'; readonly name: string };

/** What nobody asks for: it reads as somebody's name, and no person has done it. */
export const server: Actor = { kind: 'server', name: 'Plenum' };

/** What was done to a room or to somebody in it, or was tried. */
export interface Deed {
  readonly by: Actor;
  /** The room's name. */
  readonly room: string;
  readonly action: ModerationAction;
  /** Identity of the one whom it concerned, where it was one who is there. */
  readonly target?: string | undefined;
  readonly outcome: 'done' | ErrorCode;
}

/** What those concerned are told of who did it; not who it was that is hidden. */
export function moderatorOf(actor: Actor): Moderator {
  if (actor.kind !== 'participant') return { displayName: actor.name };
  const { identity, displayName, hidden } = actor.participant;
  return hidden ? { displayName: 'a moderator' } : { identity, displayName };
}
