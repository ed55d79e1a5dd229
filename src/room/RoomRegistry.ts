import { PlenumError } from '../protocol/index.ts';
import { Room } from './Room.ts';
import type { RoomOptions } from './RoomOptions.ts';

/** All rooms of this node; makes one on the first join and forgets it when it closes. */
export class RoomRegistry {
  readonly #options: Omit<RoomOptions, 'name'>;
  readonly #rooms = new Map<string, Room>();
  /** Set while the server only waits for its rooms to end; called when the last has. */
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(options: Omit<RoomOptions, 'name'>) {
    this.#options = options;
  }

  get rooms(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  get participants(): number {
    return this.rooms.reduce((sum, room) => sum + room.size, 0);
  }

  get draining(): boolean {
    return this.#drained !== undefined;
  }

  /** @throws PlenumError `draining` */
  getOrCreate(name: string): Room {
    const existing = this.#rooms.get(name);
    if (this.#closed || (this.draining && !existing)) {
      throw new PlenumError('draining', 'the server is about to stop and begins no new meeting; try again in a moment');
    }
    if (existing) return existing;
    const room = new Room({ ...this.#options, name, log: this.#options.log.child({ roomId: name }) });
    this.#rooms.set(name, room);
    room.on('closed', () => {
      if (this.#rooms.get(name) === room) this.#rooms.delete(name);
      if (this.#rooms.size === 0) this.#drained?.();
    });
    return room;
  }

  /**
   * No new rooms from now on; those that there are go on until nobody is in them, and take people meanwhile: who comes
   * back, and who wants to talk to those who are there.
   *
   * @param until what they are told, in milliseconds since 1970
   * @returns resolves when the last room has ended
   */
  async drain(until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    for (const room of this.rooms) room.drain(until);
    if (this.#rooms.size > 0) await promise;
  }

  close(): void {
    this.#closed = true;
    for (const room of this.rooms) room.close('server-stopping', true);
  }
}
