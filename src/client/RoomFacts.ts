import type { Knock, RoomSettings, SimulatedFault } from '../protocol/index.ts';
import { ServerState } from './ServerState.ts';

/** What the server has said of itself and of the room. */
export class RoomFacts {
  /** @internal */
  protected readonly server = new ServerState();

  /** The room's name: from the token, or where one was moved since; empty before the first connection. */
  get name(): string {
    return this.server.room;
  }

  /** How the room is set up; a new object after each change (`settingsChanged`). */
  get settings(): RoomSettings {
    return this.server.settings;
  }

  /** Whether the room is locked: nobody new comes in. */
  get locked(): boolean {
    return this.settings.locked;
  }

  /**
   * When the room ends by its time limit, in milliseconds since 1970 as `Date.now()` of this device tells them, however
   * wrong its clock is; undefined: it has none.
   */
  get endsAt(): number | undefined {
    const { endsAt } = this.server;
    return endsAt === undefined ? undefined : this.server.toLocal(endsAt);
  }

  /** Identities of those whom moderators show to everybody, the first one first; some may be away for a moment. */
  get spotlight(): readonly string[] {
    return this.server.spotlight;
  }

  /** Whether one may move people between the rooms of the family: as a moderator whose token is for its main room. */
  get canMove(): boolean {
    return this.server.ofMainRoom && this.server.grants.moderator;
  }

  /** Who waits in the lobby, longest first; a new array after each change. Moderators only are told. */
  get lobby(): readonly Knock[] {
    return this.server.lobby;
  }

  /**
   * When this server stops, in milliseconds since 1970 as `Date.now()` of this device tells them; undefined: it does not.
   * The SDK then joins again by itself.
   */
  get drainingUntil(): number | undefined {
    const { drainingUntil } = this.server;
    return drainingUntil === undefined ? undefined : this.server.toLocal(drainingUntil);
  }

  /** What `simulateFault()` takes; empty where the server refuses it, and before the join. */
  get simulatedFaults(): readonly SimulatedFault[] {
    return this.server.simulatedFaults;
  }
}
