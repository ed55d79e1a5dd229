import type { DtlsParameters } from '../protocol/index.ts';
import type { MediaRouter, MediaTransport } from './ports.ts';

/** Both transports of a participant, or none: where one fails, the other is closed. */
export async function createTransports(
  router: MediaRouter,
  dtlsParameters: DtlsParameters,
): Promise<{ sendTransport: MediaTransport; recvTransport: MediaTransport; close: () => void }> {
  const made = await Promise.allSettled([
    router.createTransport(dtlsParameters),
    router.createTransport(dtlsParameters),
  ]);
  const close = () => {
    for (const transport of made) if (transport.status === 'fulfilled') transport.value.close();
  };
  const [send, recv] = made;
  if (send.status === 'fulfilled' && recv.status === 'fulfilled') {
    return { sendTransport: send.value, recvTransport: recv.value, close };
  }
  close();
  throw made.find((transport) => transport.status === 'rejected')?.reason;
}
