import { type Packet, PacketType } from 'socket.io-parser';
import type { LeaveReason } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';
import { decoderOf } from './Decoders.ts';
import { dispatch, type WireAnswer } from './dispatch.ts';
import type { GatewaySocket } from './Entrance.ts';
import { cut } from './engineSocket.ts';
import type { HandlerContext } from './handlers.ts';
import type { JoinPatience } from './JoinPatience.ts';
import type { SilenceWatch } from './SilenceWatch.ts';
import type { SlowReaders } from './SlowReaders.ts';

export interface WireOptions extends Omit<HandlerContext, 'connection'> {
  maxMessageBytes: number;
  silence: SilenceWatch;
  slow: SlowReaders;
  patience: JoinPatience;
}

/** Brings what comes over a socket, and what becomes of it, to the visit that goes on over it. */
export function wireSocket(socket: GatewaySocket, options: WireOptions): void {
  const { maxMessageBytes, silence, slow, patience, meter } = options;
  const { conn } = socket;
  /** Undefined where another socket has taken over: what still comes here comes there again. */
  const current = (): Connection | undefined => {
    const { connection } = socket.data;
    return connection?.link.socket === socket ? connection : undefined;
  };
  /** It has gone on at many times its limits: its visit ends, since it would only come back for the same. */
  const checkWear = () => {
    if (!meter.worn) return;
    socket.data.connection?.log.debug('a socket is cut, since it goes on at many times its limits');
    socket.disconnect(true);
    // Not politely: what it goes on sending would be read until it has said goodbye itself.
    cut(conn);
  };
  /** The visit whose join has been answered. */
  let joined: Connection | undefined;
  socket.onAny((name: string, ...args: unknown[]) => {
    const connection = current();
    if (!connection) return;
    const last = args.at(-1);
    const ack = (answer: WireAnswer) => {
      // A client that wants no answer, as a page that is being closed, still gets its request handled.
      if (typeof last !== 'function') return;
      last(answer);
      // Once: who asks again and again for what it does not read is slow.
      if (name !== 'join' || joined === connection || !answer.ok) return;
      joined = connection;
      slow.allow(conn);
    };
    const params = typeof last === 'function' ? args.slice(0, -1) : args;
    void dispatch({ ...options, connection }, maxMessageBytes, name, params, ack);
    checkWear();
  });
  decoderOf(socket)?.letIn();
  silence.watch(conn, (silent) => current()?.setSilent(silent));
  slow.watch(conn);
  patience.watch(socket);
  const onHeartbeat = () => {
    current()?.link.heartbeat();
    meter.heartbeat();
    checkWear();
  };
  conn.on('heartbeat', onHeartbeat);
  socket.on('disconnect', (reason) => {
    silence.forget(conn);
    slow.forget(conn);
    conn.off('heartbeat', onHeartbeat);
    // A client that says goodbye without closing what carries the socket would keep it for nothing.
    if (isDeliberate(reason)) conn.close();
    const connection = current();
    if (isDeliberate(reason)) connection?.close('disconnected');
    else if (connection) breakOff(connection, reason === 'ping timeout' ? 'silent' : 'disconnected');
  });

  /** Its client may have said goodbye right before, or something else that nobody has read yet. */
  function breakOff(connection: Connection, reason: LeaveReason): void {
    const { link } = connection;
    link.detach();
    const readLate = ({ type, data }: Packet) => {
      // What still came here comes again over the socket that has taken over.
      if (link.socket) return;
      if (type === PacketType.DISCONNECT) connection.close('disconnected');
      if (type !== PacketType.EVENT || !Array.isArray(data)) return;
      const [name, ...params]: unknown[] = data;
      // Nobody is there who could join.
      if (typeof name !== 'string' || name === 'join') return;
      void dispatch({ ...options, connection }, maxMessageBytes, name, params, () => undefined);
    };
    const finish = () => {
      if (!link.socket) connection.lost(reason);
    };
    const decoder = decoderOf(socket);
    if (decoder) decoder.finish(readLate, finish);
    else finish();
  }
}

/** Whether one of the two ended the connection on purpose. A socket that just breaks says nothing of its client. */
function isDeliberate(reason: string): boolean {
  return reason === 'client namespace disconnect' || reason === 'server namespace disconnect';
}
