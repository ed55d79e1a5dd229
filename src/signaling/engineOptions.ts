export interface EngineOptions {
  /** Seconds. */
  pingInterval: number;
  pingTimeout: number;
  maxMessageBytes: number;
}

/** Where socket.io listens, by its own default; everything below. */
export const signalingPath = '/socket.io/';

/** Who has not said by then who it is, is closed; in milliseconds. */
const strangersMs = 4000;

/** What socket.io and engine.io are told of their own. */
export function engineOptions({ pingInterval, pingTimeout, maxMessageBytes }: EngineOptions) {
  return {
    serveClient: false,
    pingInterval: pingInterval * 1000,
    pingTimeout: pingTimeout * 1000,
    maxHttpBufferSize: mostPacketBytes(maxMessageBytes),
    connectTimeout: strangersMs,
    // Who begins with polling has no WebSocket, and stays with it: `engineRequests` says why.
    allowUpgrades: false,
    // One message is small, and compressing many costs more than it saves.
    perMessageDeflate: false,
    httpCompression: false,
  };
}

/** A larger packet closes the connection; a message that is just too large gets an answer. */
export function mostPacketBytes(maxMessageBytes: number): number {
  return 2 * maxMessageBytes;
}
