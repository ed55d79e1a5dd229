import { PlenumError } from '../protocol/index.ts';
import { Room } from './Room.ts';
import type { RoomOptions } from './RoomOptions.ts';

/** All rooms of this node; makes one on the first join and forgets it when it closes. */
export class RoomRegistry {
  readonly #options: Omit<RoomOptions, 'name'>;
  readonly #rooms = new Map<string, Room>();
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

  getOrCreate(name: string): Room {
    if (this.#closed) throw new PlenumError('draining', 'the server is stopping and takes nobody new');
    const existing = this.#rooms.get(name);
    if (existing) return existing;
    const room = new Room({ ...this.#options, name, log: this.#options.log.child({ roomId: name }) });
    this.#rooms.set(name, room);
    room.on('closed', () => {
      if (this.#rooms.get(name) === room) this.#rooms.delete(name);
    });
    return room;
  }

  close(): void {
    this.#closed = true;
    for (const room of this.rooms) room.close('server-stopping', true);
  }
}
