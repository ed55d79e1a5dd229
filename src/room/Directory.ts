import { cursorOf, noCursor, placeOf } from './cursor.ts';

export interface Listed {
  readonly participantId: string;
  readonly identity: string;
  readonly displayName: string;
}

export interface PageRequest {
  query?: string | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  limit: number;
}

export interface Page<T> {
  entries: T[];
  /** How many the query finds, on all pages together. */
  total: number;
  next?: string;
}

/** Where an entry stands, also when it is gone: what a cursor says. */
interface Place {
  name: string;
  participantId: string;
}

interface Entry<T> extends Place {
  item: T;
  /** What a search looks into: name and identity, each in a line. */
  text: string;
}

/** Digits count as numbers, so that "Guest 10" comes after "Guest 9". */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Everybody in a room, sorted by name, in pages and by search. */
export class Directory<T extends Listed> {
  readonly #entries: Entry<T>[] = [];

  add(item: T): void {
    const { participantId, identity, displayName } = item;
    const entry = { name: displayName.toWellFormed(), participantId, item, text: fold(`${displayName}\n${identity}`) };
    this.#entries.splice(firstAfter(this.#entries, entry), 0, entry);
  }

  remove({ participantId, displayName }: T): void {
    const index = firstAfter(this.#entries, { participantId, name: displayName.toWellFormed() }) - 1;
    if (this.#entries[index]?.participantId === participantId) this.#entries.splice(index, 1);
  }

  /** @throws PlenumError `bad-request` for a cursor that no page gave */
  page({ query = '', after, limit }: PageRequest): Page<T> {
    const words = fold(query).split(/\s+/).filter(Boolean);
    const found = ({ text }: Entry<T>) => words.every((word) => text.includes(word));
    const matches = words.length === 0 ? this.#entries : this.#entries.filter(found);
    const start = after === undefined ? 0 : firstAfter(matches, readCursor(after));
    const page = matches.slice(start, start + limit);
    const last = page.at(-1);
    return {
      entries: page.map(({ item }) => item),
      total: matches.length,
      ...(last && start + page.length < matches.length && { next: cursorOf(textOf(last)) }),
    };
  }
}

/** The index of the first entry behind that place; by halves. */
function firstAfter(entries: readonly Place[], place: Place): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry && compare(entry, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(a: Place, b: Place): number {
  return collator.compare(a.name, b.name) || order(a.participantId, b.participantId);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Without case and accents. Upper case first: it makes "ss" of "ß". */
function fold(text: string): string {
  return text
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '');
}

/** An id has no dot, so that the first one is where the name begins. */
function textOf({ participantId, name }: Place): string {
  return `${participantId}.${name}`;
}

function readCursor(cursor: string): Place {
  const text = placeOf(cursor);
  const dot = text.indexOf('.');
  if (dot < 0) throw noCursor();
  return { participantId: text.slice(0, dot), name: text.slice(dot + 1) };
}
