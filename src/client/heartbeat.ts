import type { Socket } from 'socket.io-client';
import { z } from 'zod';

/** How late a heartbeat may be, in milliseconds: more than any delay with which people can talk. */
const lateMs = 1750;
/** Between two looks, in milliseconds. */
const checkMs = 500;
/** A look that comes later follows a sleep, or much work; in the background timers come each second. Milliseconds. */
const sleptMs = 2500;

const opening = z.object({ pingInterval: z.number().positive() });

/**
 * Calls `silent` once when the server's heartbeats stay away: TCP keeps quiet about a network that is gone, and engine.io
 * itself waits for ten seconds more. To be called when the socket is being connected; returns what ends the watch.
 */
export function watchHeartbeat(socket: Socket, silent: () => void): () => void {
  const { engine } = socket.io;
  let intervalMs = Number.POSITIVE_INFINITY;
  let heardAt = performance.now();
  let lookedAt = heardAt;
  const onPacket = () => {
    heardAt = performance.now();
  };
  const onHandshake = (data: unknown) => {
    const parsed = opening.safeParse(data);
    if (parsed.success) intervalMs = parsed.data.pingInterval;
  };
  const timer = setInterval(() => {
    const now = performance.now();
    // A page that was busy or asleep has not looked at what arrived meanwhile.
    if (now - lookedAt > sleptMs) heardAt = Math.max(heardAt, now - intervalMs);
    lookedAt = now;
    if (now - heardAt < intervalMs + lateMs) return;
    stop();
    silent();
  }, checkMs);
  const stop = () => {
    clearInterval(timer);
    engine.off('packet', onPacket);
    engine.off('handshake', onHandshake);
  };
  engine.on('packet', onPacket);
  engine.on('handshake', onHandshake);
  return stop;
}
