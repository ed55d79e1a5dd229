import type { IncomingMessage, RequestListener } from 'node:http';
import { Turns } from '../Turns.ts';

/** So many requests are begun in one turn of the event loop, and one of each address. */
const requestsInTurn = 4;

/**
 * Addresses take turns with their requests, so that nobody waits behind thousands that come from elsewhere.
 *
 * @param placeOf the address that a request comes from
 */
export function inTurns(placeOf: (request: IncomingMessage) => string, answer: RequestListener): RequestListener {
  const turns = new Turns(requestsInTurn, { ofPlace: 1 });
  return (request, response) => {
    const sender = { place: placeOf(request) };
    turns.take(sender, () => {
      if (!response.destroyed) answer(request, response);
    });
  };
}
