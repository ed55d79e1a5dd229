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

/** Pure: whether people are moved from one room to the other without the application: `school` is the main room of `school--1`. */
export function isFamily(room: string, other: string): boolean {
  return headOf(room) === headOf(other);
}

/** Pure: whether somebody who moderates in `from` may move people to `to`: only with a token for the main room of both. */
export function mayMove({ tokenRoom }: Pick<TokenHolder, 'tokenRoom'>, from: string, to: string): boolean {
  return isFamily(from, to) && tokenRoom === headOf(from);
}

/** Pure: whether who moderates by such a token does so in that room: the one that it names, or any of the family of a main room. */
export function reaches({ tokenRoom }: Pick<TokenHolder, 'tokenRoom'>, room: string): boolean {
  return tokenRoom === room || tokenRoom === headOf(room);
}

/** Pure: the main room of the family. A name that begins with `--` is a family of its own. */
export function headOf(room: string): string {
  const at = room.indexOf('--');
  return at > 0 ? room.slice(0, at) : room;
}
