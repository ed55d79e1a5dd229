import type { Notice, SimulatedFault } from '../protocol/index.ts';

/** What is known of the server of this visit, and of its room. */
export class ServerState {
  /** From the token; empty before the first join. */
  room = '';
  /** When it stops, in milliseconds since 1970. */
  drainingUntil: number | undefined;
  simulatedFaults: readonly SimulatedFault[] = [];

  entered({ room, simulatedFaults = [] }: Notice<'welcome'>): void {
    this.room = room;
    this.drainingUntil = undefined;
    this.simulatedFaults = simulatedFaults;
  }
}
