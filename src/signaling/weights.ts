import type { RequestName } from '../protocol/index.ts';

/**
 * What a request counts against `--limit-requests`: about what it costs the server and everybody in the room, in units of the
 * cheapest. Each request has a row.
 */
export const weights: Record<RequestName, number> = {
  // Two transports, and a consumer for all that there is to receive.
  join: 10,
  // Nobody is kept from going, and nobody can do it twice.
  leave: 0,
  restartIce: 2,
  // A producer, a delta for all, and a consumer for each of those who want it.
  publish: 5,
  restorePublication: 5,
  unpublish: 3,
  updatePublication: 2,
  setView: 3,
  startSubscriptions: 1,
  // A search goes through everybody in the room.
  listParticipants: 3,
  sendChat: 2,
  updateMetadata: 2,
  raiseHand: 2,
  // Muting everybody is a change for each of them.
  moderate: 5,
  listBans: 3,
  simulateFault: 5,
};

/** Of what is no request at all. */
const ofUnknown = 1;

export function weightOf(name: string): number {
  return isRequest(name) ? weights[name] : ofUnknown;
}

function isRequest(name: string): name is RequestName {
  return Object.hasOwn(weights, name);
}
