import type { Clock } from '../room/ports.ts';
import { type Rate, TokenBucket } from '../room/TokenBucket.ts';
import { cut, type EngineSocket, lingers, onControlFrame, onGone, onMessage } from './engineSocket.ts';

/**
 * What is no message: answers to heartbeats, one of which is asked for about each second, packets of engine.io and frames
 * of the WebSocket that say nothing, and pings, which are answered.
 */
const chatter: Rate = { perSecond: 20, burst: 100 };
/** Messages that are on their way to a connection which the server has closed. */
const onTheWay: Rate = { perSecond: 20, burst: 200 };
/** Who was told to go has so long to say goodbye, in milliseconds; `ws` would wait for 30 s, and read meanwhile. */
const goodbyeMs = 3000;

/**
 * Watches a connection from its beginning until it is really gone, whoever is at the other end and whether or not they have
 * said so: what nothing else counts is counted here. Whoever goes on with it is cut.
 */
export function guardConnection(conn: EngineSocket, clock: Clock): void {
  const counts = (rate: Rate) => {
    const bucket = new TokenBucket(clock, rate);
    return () => {
      if (!bucket.tryTake(1)) cut(conn);
    };
  };
  const chat = counts(chatter);
  conn.on('packet', ({ type }) => {
    if (type !== 'message') chat();
  });
  onControlFrame(conn, chat);
  conn.once('close', () => {
    if (!lingers(conn)) return;
    onMessage(conn, counts(onTheWay));
    onGone(
      conn,
      clock.after(goodbyeMs, () => cut(conn)),
    );
  });
}
