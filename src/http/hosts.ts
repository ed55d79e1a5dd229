import type { RequestListener } from 'node:http';
import type { ServedHosts } from '../servedHosts.ts';
import { constantRefusal } from './constantRefusal.ts';
import { told } from './problems.ts';

/** One word, for whoever watches the server under whatever name. */
const forAll: readonly (string | undefined)[] = ['/health', '/ready'];

export interface HostsOptions {
  isServed: ServedHosts;
  /** What to do for the server to be reached under other names. */
  otherwise: string;
  /** Whether `/health` and `/ready` say one word only, to anybody. */
  statusForAll: boolean;
}

/** Requests for other hosts get a constant answer, before anything looks at them. */
export function onlyFor({ isServed, otherwise, statusForAll }: HostsOptions, answer: RequestListener): RequestListener {
  const detail = `only names of this machine (localhost, 127.0.0.1, [::1]) lead here, since whoever asks is trusted: ${otherwise}`;
  // RFC 9110, 15.5.20.
  const misdirected = constantRefusal({ ...told('forbidden', detail), status: 421 });
  return (request, response) => {
    if (isServed(request.headers.host) || (statusForAll && forAll.includes(request.url))) answer(request, response);
    else misdirected(request, response);
  };
}
