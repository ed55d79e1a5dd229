import { Device, detectDevice, type types } from 'mediasoup-client';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { PlenumError } from '../protocol/index.ts';

const handlers = { Chrome74, Chrome111, Firefox120, Safari12 };

/** What this browser can do does not change while the page lives. */
let native: Promise<types.RtpCapabilities> | undefined;

function isHandled(name: string): name is keyof typeof handlers {
  return Object.hasOwn(handlers, name);
}

/** Whether this browser has the parts of WebRTC that Plenum needs. */
export function isSupportedBrowser(): boolean {
  return (
    typeof RTCPeerConnection === 'function' &&
    typeof RTCPeerConnection.generateCertificate === 'function' &&
    isHandled(detectDevice() ?? '')
  );
}

/** @throws PlenumError `unsupported-browser` */
export function assertSupportedBrowser(): void {
  if (!isSupportedBrowser()) throw new PlenumError('unsupported-browser', 'This browser cannot take part in meetings.');
}

/**
 * A device that is to be loaded with the router's capabilities. The browser is asked for its own at once, so that this
 * runs while the socket is being connected; `Device.load()` alone would ask only when the router's are there.
 * @throws PlenumError `unsupported-browser`
 */
export function createDevice(): types.Device {
  const name = detectDevice() ?? '';
  if (!isHandled(name)) throw new PlenumError('unsupported-browser', 'This browser cannot take part in meetings.');
  const factory = handlers[name].createFactory({});
  const ask = () => {
    // What it can receive stands for what it can send, too, which saves a peer connection of some 20 ms before the join:
    // when something is sent, mediasoup-client reads from that offer what really can be, and MediaLink asks the sender.
    native ??= factory.getNativeRtpCapabilities({ direction: 'recvonly' });
    const asked = native;
    // A failure is thrown where the capabilities are needed, and the next device asks again.
    asked.catch(() => {
      if (native === asked) native = undefined;
    });
    return asked;
  };
  // Begun early; load() asks for the same promise and gets its failure.
  ask().catch(() => undefined);
  const make: types.HandlerFactory['factory'] = (options) => withLateProbator(factory.factory(options));
  return new Device({ handlerFactory: { ...factory, factory: make, getNativeRtpCapabilities: ask } });
}

/** How long the probator may wait for the connection, in milliseconds. */
const probatorPatienceMs = 1500;

/**
 * With the first video mediasoup-client adds a stream on which the server can probe the bandwidth, in an SDP round of
 * its own. It is of no use before the connection stands, and keeps the browser from making it: so it waits.
 */
function withLateProbator(handler: types.HandlerInterface): types.HandlerInterface {
  const receive = handler.receive.bind(handler);
  const connected = Promise.withResolvers<void>();
  handler.on('@connectionstatechange', (state) => {
    if (state === 'connected') connected.resolve();
  });
  handler.receive = async (list) => {
    if (list.every(({ trackId }) => trackId === 'probator')) {
      const timer = setTimeout(() => connected.resolve(), probatorPatienceMs);
      await connected.promise;
      clearTimeout(timer);
    }
    return receive(list);
  };
  return handler;
}
