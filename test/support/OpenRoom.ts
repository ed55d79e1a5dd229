import type { LeaveReason, ModerationAction } from '../../src/protocol/index.ts';
import { Lobby } from './Lobby.ts';
import { application } from './school.ts';

/** A room whose people come in by the open door. */
export class OpenRoom {
  readonly lobby: Lobby;

  constructor(server: ConstructorParameters<typeof Lobby>[2] = {}) {
    this.lobby = new Lobby({}, {}, server);
  }

  join(identity: string, more: { room?: string; tokenRoom?: string } = {}) {
    return this.lobby.join(identity, {}, undefined, {}, { host: true, ...more });
  }

  /** Identities of the moderators. */
  moderators(room = 'room'): string[] {
    const people = this.lobby.registry.find(room)?.participants ?? [];
    return people.filter(({ grants }) => grants.moderator).map(({ identity }) => identity);
  }

  person(identity: string, room = 'room') {
    const person = this.lobby.registry.find(room)?.participants.find((each) => each.identity === identity);
    if (!person) throw new Error(`${identity} is not there`);
    return person;
  }

  leave(identity: string, reason: LeaveReason = 'left') {
    this.person(identity).close(reason);
  }

  async act(action: ModerationAction) {
    await this.lobby.registry.getOrCreate('room').moderation.act(application, action);
  }

  async grant(identity: string, moderator: boolean) {
    const { participantId } = this.person(identity);
    await this.act({ action: 'grant', participantId, changes: { moderator } });
  }
}
