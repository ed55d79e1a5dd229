import { PlenumError } from '../protocol/index.ts';

/** A place in a list, as whoever reads the list page by page hands it back: what it says is nobody else's matter. */
export function cursorOf(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** What `cursorOf` made a cursor of. @throws PlenumError `bad-request` for what it has not made */
export function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  if (cursorOf(place) !== cursor) throw noCursor();
  return place;
}

export function noCursor(): PlenumError {
  return new PlenumError('bad-request', 'after: this is no cursor that a page gave as `next`');
}
