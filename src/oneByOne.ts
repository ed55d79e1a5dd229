import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests of a connection may wait; whoever sends more in one go is cut. Browsers and proxies wait for each answer. */
const mostWaiting = 16;

/** Of the connections whose answer is not out yet, what else they have asked for. */
const waiting = new WeakMap<Socket, (() => void)[]>();

/**
 * Has a connection wait for one answer before the next of its requests is looked at (HTTP/1.1 lets it send them all at
 * once; RFC 9112, 9.3.2). Node begins each as soon as it is read, so that one packet would begin a thousand, with as many
 * open files and answers that nobody reads.
 */
export function oneByOne({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
  if (socket.destroyed) return;
  const start = () => {
    response.once('close', () => next(socket));
    begin();
  };
  const others = waiting.get(socket);
  if (!others) {
    waiting.set(socket, []);
    start();
  } else if (others.length < mostWaiting) {
    others.push(start);
  } else {
    socket.destroy();
  }
}

function next(socket: Socket): void {
  const start = waiting.get(socket)?.shift();
  // After an answer that ends the connection nothing more can be answered on it.
  if (start && socket.writable) start();
  else waiting.delete(socket);
}
