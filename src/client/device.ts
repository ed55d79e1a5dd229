import { Device, detectDevice, type types } from 'mediasoup-client';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { PlenumError } from '../protocol/index.ts';

type Direction = types.HandlerGetNativeRtpCapabilitiesOptions['direction'];

const handlers = { Chrome74, Chrome111, Firefox120, Safari12 };

/** What this browser can send and receive does not change while the page lives. */
const native = new Map<Direction, Promise<types.RtpCapabilities>>();

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

/**
 * A device that is to be loaded with the router's capabilities. The browser is asked for its own at once, so that this
 * runs while the socket is being connected; `Device.load()` alone would ask only when the router's are there.
 * @throws PlenumError `unsupported-browser`
 */
export function createDevice(): types.Device {
  const name = detectDevice() ?? '';
  if (!isHandled(name)) throw new PlenumError('unsupported-browser', 'This browser cannot take part in meetings.');
  const factory = handlers[name].createFactory({});
  const ask = (direction: Direction) => {
    const known = native.get(direction);
    if (known) return known;
    const asked = factory.getNativeRtpCapabilities({ direction });
    native.set(direction, asked);
    // A failure is thrown where the capabilities are needed, and the next device asks again.
    asked.catch(() => native.delete(direction));
    return asked;
  };
  ask('recvonly').catch(() => undefined);
  ask('sendonly').catch(() => undefined);
  const getNativeRtpCapabilities: types.HandlerFactory['getNativeRtpCapabilities'] = ({ direction }) => ask(direction);
  return new Device({ handlerFactory: { ...factory, getNativeRtpCapabilities } });
}
