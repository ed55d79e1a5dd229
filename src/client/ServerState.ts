import type { Grants, Notice, RoomSnapshot, SimulatedFault } from '../protocol/index.ts';
import { plainGrants } from '../protocol/index.ts';

/** What is known of the server of this visit, and of its room. */
export class ServerState {
  /** From the token; empty before the first join. */
  room = '';
  /** When it stops, in milliseconds since 1970. */
  drainingUntil: number | undefined;
  simulatedFaults: readonly SimulatedFault[] = [];
  /** What oneself may do there. */
  grants: Grants = plainGrants;

  /** Whether a moderator has locked the room. */
  locked = false;

  entered({ room, grants, simulatedFaults = [] }: Notice<'welcome'>, { locked }: Pick<RoomSnapshot, 'locked'>): void {
    this.room = room;
    this.locked = locked;
    this.drainingUntil = undefined;
    this.simulatedFaults = simulatedFaults;
    this.grants = grants;
  }
}
