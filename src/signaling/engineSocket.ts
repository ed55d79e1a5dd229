import type { Socket } from 'socket.io';

/** What carries a socket: one WebSocket, or requests that follow one another. */
export type EngineSocket = Socket['conn'];

interface WebSocketLike {
  bufferedAmount: number;
  readyState: number;
  on(event: 'ping' | 'pong' | 'message' | 'close', listener: () => void): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** Bytes (of text: characters) that wait in this process to be sent; engine.io counts none itself. */
export function waitingBytes(conn: EngineSocket): number {
  let bytes = webSocketOf(conn.transport)?.bufferedAmount ?? 0;
  // Packets that engine.io has not handed on yet; its type hides them.
  const packets: unknown = Reflect.get(conn, 'writeBuffer');
  if (Array.isArray(packets)) for (const packet of packets) bytes += sizeOf(packet);
  return bytes;
}

/** Ends it at once: what waits to be sent is thrown away, and the other side is not asked. */
export function cut(conn: EngineSocket): void {
  const socket = webSocketOf(conn.transport);
  if (socket) socket.terminate();
  else conn.close(true);
}

/** Stops and goes on reading what comes over it; over requests that follow one another little comes at a time. */
export function flowOf(conn: EngineSocket): { pause(): void; resume(): void } {
  return {
    pause: () => webSocketOf(conn.transport)?.pause(),
    resume: () => webSocketOf(conn.transport)?.resume(),
  };
}

/** Calls back for each ping and pong of its WebSocket. Those between server and client are packets of engine.io. */
export function onControlFrame(conn: EngineSocket, listener: () => void): void {
  const socket = webSocketOf(conn.transport);
  socket?.on('ping', listener);
  socket?.on('pong', listener);
}

/** Calls back for each message of its WebSocket, also of those that nobody reads any more. */
export function onMessage(conn: EngineSocket, listener: () => void): void {
  webSocketOf(conn.transport)?.on('message', listener);
}

/** Calls back once the connection below is gone, which may be long after nobody uses it any more; not where it has gone before. */
export function onGone(conn: EngineSocket, listener: () => void): void {
  webSocketOf(conn.transport)?.on('close', listener);
}

/** Whether the connection below is still there. What goes over requests that follow one another has none of its own. */
export function lingers(conn: EngineSocket): boolean {
  const socket = webSocketOf(conn.transport);
  return socket !== undefined && socket.readyState !== WebSocket.CLOSED;
}

function sizeOf(packet: unknown): number {
  if (typeof packet !== 'object' || packet === null || !('data' in packet)) return 0;
  const { data } = packet;
  if (typeof data === 'string') return data.length;
  return data instanceof Uint8Array ? data.byteLength : 0;
}

/** engine.io's WebSocket transport keeps the socket of `ws` under this name, without a type. */
function webSocketOf(transport: object): WebSocketLike | undefined {
  const socket: unknown = Reflect.get(transport, 'socket');
  return isWebSocket(socket) ? socket : undefined;
}

function isWebSocket(value: unknown): value is WebSocketLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bufferedAmount' in value &&
    typeof value.bufferedAmount === 'number' &&
    ['on', 'terminate', 'pause', 'resume'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
