import type { Socket } from 'socket.io';

/** What carries a socket: one WebSocket, or requests that follow one another. */
export type EngineSocket = Socket['conn'];

interface WebSocketLike {
  bufferedAmount: number;
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
    ['terminate', 'pause', 'resume'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
