import { headOf } from './Redirects.ts';

/** Rooms by family: nobody has to look at all rooms of a server to find those next to one. */
export class Families<T extends { readonly name: string }> {
  /** By the name of the main room, which need not exist. */
  readonly #rooms = new Map<string, Set<T>>();

  add(room: T): void {
    const head = headOf(room.name);
    this.#rooms.set(head, (this.#rooms.get(head) ?? new Set<T>()).add(room));
  }

  delete(room: T): void {
    const head = headOf(room.name);
    const family = this.#rooms.get(head);
    family?.delete(room);
    if (family?.size === 0) this.#rooms.delete(head);
  }

  /** The other rooms of the family of a room of that name. */
  nextTo(name: string): T[] {
    return [...(this.#rooms.get(headOf(name)) ?? [])].filter((room) => room.name !== name);
  }
}
