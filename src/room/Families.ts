import { Decisions } from './Decisions.ts';
import { headOf } from './Redirects.ts';

interface Family<T> {
  readonly rooms: Set<T>;
  /** Of the main room, which need not be there. */
  readonly decisions: Decisions;
}

/** Rooms by family: nobody has to look at all rooms of a server to find those next to one. */
export class Families<T extends { readonly name: string }> {
  /** By the name of the main room. */
  readonly #families = new Map<string, Family<T>>();

  /** @param decisions what is decided in that room */
  add(room: T, decisions: Decisions): void {
    const head = headOf(room.name);
    const family = this.#families.get(head);
    if (family) family.rooms.add(room);
    else this.#families.set(head, begin(room, room.name === head ? decisions : new Decisions()));
  }

  delete(room: T): void {
    const head = headOf(room.name);
    const family = this.#families.get(head);
    if (!family?.rooms.delete(room)) return;
    if (room.name === head) family.decisions.roomEnded();
    if (family.rooms.size === 0) this.#families.delete(head);
  }

  /** The other rooms of the family of a room of that name. */
  nextTo(name: string): T[] {
    return [...(this.#families.get(headOf(name))?.rooms ?? [])].filter((room) => room.name !== name);
  }

  /** What has been decided for a main room of that name, as long as there is any room of its family. */
  decisionsFor(name: string): Decisions | undefined {
    return this.#families.get(name)?.decisions;
  }
}

function begin<T>(room: T, decisions: Decisions): Family<T> {
  return { rooms: new Set([room]), decisions };
}
