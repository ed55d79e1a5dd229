import { connect } from 'node:net';

interface ExchangeOptions {
  ms: number;
  enough: (received: string) => boolean;
  lingerMs?: number;
  resets?: boolean;
}

/**
 * Writes the pieces to the server over a connection of their own, and gives what came back when `enough` says so, the
 * server has closed, or the time is over.
 *
 * @param options `lingerMs`: for how long it is listened to when there is enough; `resets`: it ends with a reset, as when
 *   the client has died
 */
export function exchange(
  url: string,
  pieces: readonly (string | Buffer)[],
  { ms, enough, lingerMs = 0, resets = false }: ExchangeOptions,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname);
    const end = () => {
      clearTimeout(timer);
      if (resets) socket.resetAndDestroy();
      else socket.destroy();
      resolve(received);
    };
    let timer = setTimeout(end, ms);
    let isEnough = false;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (isEnough || !enough(received)) return;
      isEnough = true;
      clearTimeout(timer);
      timer = setTimeout(end, lingerMs);
    });
    socket.on('close', end);
    // The server may close while it is still being written to.
    socket.on('error', end);
    for (const piece of pieces) socket.write(piece);
  });
}
