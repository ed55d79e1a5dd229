import type { Grants, Knock, Notice, RoomSettings, RoomSnapshot, SimulatedFault } from '../protocol/index.ts';
import { plainGrants, plainRoomSettings } from '../protocol/index.ts';

/** What is known of the server of this visit, and of its room. */
export class ServerState {
  /** From the token; empty before the first join. */
  room = '';
  /** When it stops, in milliseconds since 1970, by its clock. */
  drainingUntil: number | undefined;
  simulatedFaults: readonly SimulatedFault[] = [];
  /** What oneself may do there. */
  grants: Grants = plainGrants;

  settings: RoomSettings = plainRoomSettings;
  /** When the room ends by its time limit, in milliseconds since 1970, by the server's clock. */
  endsAt: number | undefined;
  /** Identities of those whom moderators show to everybody. */
  spotlight: readonly string[] = [];
  /** Whether one's token is for the main room of the family. */
  ofMainRoom = false;

  /** Who waits to be let in; a moderator is told of it. */
  lobby: readonly Knock[] = [];
  /** By how many milliseconds the server's clock is ahead of this device's. */
  #ahead = 0;

  /** @param now what the server's clock has just said, in milliseconds since 1970 */
  setClock(now: number): void {
    this.#ahead = now - Date.now();
  }

  /** A time by this device's clock, to be compared with `Date.now()`. @param time by the server's clock */
  toLocal(time: number): number {
    return time - this.#ahead;
  }

  /** @returns whether it was another one */
  setLobby(waiting: readonly Knock[]): boolean {
    const isSame = waiting.length === 0 && this.lobby.length === 0;
    this.lobby = waiting;
    return !isSame;
  }

  entered(
    { room, grants, simulatedFaults = [] }: Notice<'welcome'>,
    {
      now,
      settings,
      endsAt,
      spotlight,
      ofMainRoom,
    }: Pick<RoomSnapshot, 'now' | 'settings' | 'endsAt' | 'spotlight' | 'ofMainRoom'>,
  ): void {
    this.setClock(now);
    this.room = room;
    this.settings = settings;
    this.endsAt = endsAt;
    this.spotlight = spotlight;
    this.ofMainRoom = ofMainRoom;
    this.drainingUntil = undefined;
    this.simulatedFaults = simulatedFaults;
    this.grants = grants;
  }
}
