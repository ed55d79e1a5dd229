import { connect } from 'node:net';

/**
 * Writes the pieces to the server over a connection of their own, and gives what came back when `enough` says so, the
 * server has closed, or the time is over.
 */
export function exchange(
  url: string,
  pieces: readonly (string | Buffer)[],
  { ms, enough }: { ms: number; enough: (received: string) => boolean },
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    const timer = setTimeout(end, ms);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (enough(received)) end();
    });
    socket.on('close', end);
    // The server may close while it is still being written to.
    socket.on('error', end);
    for (const piece of pieces) socket.write(piece);
  });
}
