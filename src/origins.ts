/** Origins of web pages (RFC 6454): which of them may talk to this server. */

/** A scheme, a host as browsers write it, perhaps a port; neither path nor wildcard. */
const shape = /^[a-z][a-z0-9+.-]*:\/\/([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?$/;

/**
 * One entry of an allow-list, as browsers will send it: `https://Meet.example:443` becomes `https://meet.example`.
 *
 * @returns undefined where it is no origin
 */
export function parseOrigin(entry: string): string | undefined {
  const lower = entry.trim().toLowerCase();
  if (!shape.test(lower) || !URL.canParse(lower)) return undefined;
  const { protocol, host } = new URL(lower);
  return `${protocol}//${host}`;
}

/**
 * Whether a request may come from there.
 *
 * @param origin the header of that name; what is no browser sends none, and needs a token all the same
 * @param host the header of that name, or what a trusted proxy says that it was: the server's own pages may always come
 * @param allowed as `parseOrigin` writes them; compared as a whole
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  return origin === undefined || allowed.includes(origin) || isSameOrigin(origin, host);
}

/** By host and port alone: a proxy may have taken the TLS off. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  const [, scheme] = /^(https?):\/\//.exec(origin) ?? [];
  // Sandboxed pages and files say `null`.
  if (scheme === undefined || host === undefined || parseOrigin(origin) !== origin) return false;
  return parseOrigin(`${scheme}://${host}`) === origin;
}
