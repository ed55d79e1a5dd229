import { isLoopback } from './loopback.ts';
import { parseOrigin } from './origins.ts';

/** Whether requests with that `Host` header are for this server; undefined: there was none. */
export type ServedHosts = (host: string | undefined) => boolean;

/** For a server that strangers may reach, under whatever name leads to it. */
export const anyHost: ServedHosts = () => true;

/**
 * For a server that trusts whoever can reach it, since that is this machine. A web page can have its own name lead to 127.0.0.1
 * (DNS rebinding), and then asks like a page of the server itself; but what it asks for carries its name.
 *
 * @param more further addresses that lead to it
 */
export function localHosts(more: readonly string[] = []): ServedHosts {
  return (host) => {
    const origin = host === undefined ? undefined : parseOrigin(`http://${host}`);
    if (origin === undefined) return false;
    const name = new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1');
    // Browsers have all names under localhost lead to this machine, without asking anybody (RFC 6761, 6.3).
    return isLoopback(name) || name.endsWith('.localhost') || more.includes(name);
  };
}
