import { nearestRoomName } from './roomName.ts';

/**
 * Breakout rooms are rooms of their own whose names begin with that of the meeting, for example `calm-otter--group-1`.
 * Moderators move people between the rooms of one such family.
 */

/** As long as a room's name may be. */
const longest = 64;

/** The name of the meeting that a room belongs to. A name that begins with `--` is one of its own. */
export function familyOf(room: string): string {
  const at = room.indexOf('--');
  return at > 0 ? room.slice(0, at) : room;
}

/** What a breakout room is called within its family; undefined for the meeting itself. */
export function labelOf(room: string): string | undefined {
  const family = familyOf(room);
  return room === family ? undefined : room.slice(family.length + 2);
}

/** What somebody typed, as a label that a room of this family can have; empty where nothing is left of it. */
export function cleanLabel(family: string, text: string): string {
  return nearestRoomName(text)
    .slice(0, Math.max(0, longest - family.length - 2))
    .replace(/-+$/, '');
}

export interface MoveChoice {
  readonly room: string;
  readonly label: string;
}

const suggested = ['group-1', 'group-2', 'group-3'];

/**
 * Where somebody can be moved to from a room: back to the meeting, and its breakout rooms.
 * @param known labels that were used before
 */
export function moveChoices(room: string, known: readonly string[]): MoveChoice[] {
  const family = familyOf(room);
  const labels = [...new Set([...known, ...suggested.slice(0, Math.max(0, suggested.length - known.length))])];
  const all = [
    { room: family, label: 'Main room' },
    ...labels.toSorted(byName).map((label) => ({ room: `${family}--${label}`, label })),
  ];
  return all.filter((choice) => choice.room !== room);
}

const names = new Intl.Collator(undefined, { numeric: true });

function byName(a: string, b: string): number {
  return names.compare(a, b);
}
