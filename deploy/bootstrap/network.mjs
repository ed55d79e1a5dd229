import { connect } from 'node:net';

const CONNECT_TIMEOUT_MS = 4_000;

/**
 * Whether a server can be connected to at all, asked before anything that would wait for minutes.
 *
 * @param {string} url
 * @returns {Promise<string | null>} why not, or null
 */
export function whyUnreachable(url) {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'http:' ? 80 : 443) });
    const end = (/** @type {string | null} */ why) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(why);
    };
    const timer = setTimeout(() => end(`${hostname} cannot be reached (no answer in 4 s)`), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(`${hostname} cannot be reached (${'code' in error ? error.code : error})`));
  });
}
