import { type Knock, type RoomSettings, roomSettings } from '../../src/protocol/index.ts';
import type { Actor } from '../../src/room/Actor.ts';
import type { WaitingPlace } from '../../src/room/Lobby.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { FakeLink } from './FakeHall.ts';
import { Lobby } from './Lobby.ts';

export const application: Actor = { kind: 'application', name: 'Campus' };

/** A room with a lobby, a moderator in it, and those who come to its door. */
export class Doorstep extends Lobby {
  readonly links = new Map<string, FakeLink>();
  readonly places = new Map<string, WaitingPlace>();
  mia: { participant: Participant; link: FakeLink } | undefined;

  async open(settings: Partial<RoomSettings> = {}): Promise<this> {
    this.registry.create('room', roomSettings.parse({ lobby: true, ...settings }));
    this.mia = await this.join('mia', {}, undefined, { moderator: true });
    return this;
  }

  get room() {
    return this.registry.getOrCreate('room');
  }

  /** What the moderator was told last. */
  get told(): Knock[] {
    return this.mia?.link.all('lobby').at(-1)?.waiting ?? [];
  }

  /** The code with which somebody is refused at the door. */
  async knock(identity: string, link = this.hall.link()): Promise<string> {
    this.links.set(identity, link);
    const waits = (place: WaitingPlace) => void this.places.set(identity, place);
    return this.join(identity, {}, link, {}, { waits }).then(
      () => 'in',
      ({ code }) => code,
    );
  }

  async moderate(action: Parameters<Doorstep['room']['moderation']['act']>[1]): Promise<void> {
    const by: Actor = this.mia ? { kind: 'participant', participant: this.mia.participant } : application;
    await this.room.moderation.act(by, action);
  }

  /** The id under which somebody waits. */
  idOf(identity: string): string {
    this.clock.advance(100);
    return this.told.find((knock) => knock.identity === identity)?.knockId ?? 'nobody';
  }
}

export const names = (knocks: readonly Knock[]) => knocks.map(({ identity }) => identity);
