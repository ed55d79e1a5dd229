/** A person, by the room that its token names: elsewhere the same identity may be somebody else. */
export interface TokenHolder {
  readonly tokenRoom: string;
  readonly identity: string;
}

/** Where people are who were moved: their tokens name another room, and lead to this one. */
export class Redirects {
  /** By room of the token and identity. */
  readonly #targets = new Map<string, string>();

  /** The room to which somebody's token leads. */
  of(person: TokenHolder): string {
    return this.#targets.get(keyOf(person)) ?? person.tokenRoom;
  }

  /** Whoever is moved back needs no redirect. */
  set(person: TokenHolder, room: string): void {
    if (room === person.tokenRoom) this.forget(person);
    else this.#targets.set(keyOf(person), room);
  }

  forget(person: TokenHolder): void {
    this.#targets.delete(keyOf(person));
  }

  /** The room has ended. */
  ended(room: string): void {
    for (const [key, target] of this.#targets) if (target === room) this.#targets.delete(key);
  }
}

/** A room's name has no line feed. */
function keyOf({ tokenRoom, identity }: TokenHolder): string {
  return `${tokenRoom}\n${identity}`;
}

/** Pure: whether moderators of one room may move people to the other: `school`, `school--1` and `school--2` are a family. */
export function isFamily(room: string, other: string): boolean {
  return headOf(room) === headOf(other);
}

/** A name that begins with `--` is a family of its own. */
function headOf(room: string): string {
  const at = room.indexOf('--');
  return at > 0 ? room.slice(0, at) : room;
}
