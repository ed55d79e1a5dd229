import type { RequestListener } from 'node:http';
import type { ServedHosts } from '../servedHosts.ts';
import { constantRefusal } from './constantRefusal.ts';
import { told } from './problems.ts';

const detail =
  'this server answers here to localhost, 127.0.0.1 and [::1] alone: it trusts whoever asks. To be reached under other ' +
  'names it needs PLENUM_TOKEN_SECRET, or --open';

/** RFC 9110, 15.5.20. */
const misdirected = constantRefusal({ ...told('forbidden', detail), status: 421 });

/** Requests for other hosts get a constant answer, before anything looks at them. */
export function onlyFor(isServed: ServedHosts, answer: RequestListener): RequestListener {
  return (request, response) => {
    if (isServed(request.headers.host)) answer(request, response);
    else misdirected(request, response);
  };
}
