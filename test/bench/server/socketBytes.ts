import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Counts what this process writes to all TCP connections that it has taken; the returned function gives the sum. */
export function countSocketBytes(): () => number {
  const open = new Set<Socket>();
  let ended = 0;
  subscribe('net.server.socket', (message) => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (!(socket instanceof Socket)) return;
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      ended += socket.bytesWritten;
    });
  });
  return () => [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, ended);
}
