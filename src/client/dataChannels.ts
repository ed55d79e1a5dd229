import type { types } from 'mediasoup-client';
import { type DataKind, dataStreams, PlenumError } from '../protocol/index.ts';
import type { DataPipe } from './DataLink.ts';

/** How the browser sends (RFC 8831). The server chooses for the other direction. */
const reliability = {
  reliable: { ordered: true },
  lossy: { ordered: false, maxRetransmits: 0 },
} as const;

export interface DataChannelListener {
  /** All four are open. */
  opened(pipe: DataPipe): void;
  received(kind: DataKind, bytes: Uint8Array): void;
  /** One of them has closed although nobody left. */
  closed(error: PlenumError): void;
}

/**
 * Opens the two data channels of each transport, which connects both, also where nothing is sent or received. Their
 * stream ids are agreed on beforehand: the send transport counts them in the order of these calls.
 */
export async function openDataChannels(
  send: types.Transport,
  recv: types.Transport,
  listener: DataChannelListener,
): Promise<void> {
  const consume = (kind: DataKind) =>
    recv.consumeData({
      id: kind,
      dataProducerId: kind,
      label: kind,
      sctpStreamParameters: { streamId: dataStreams[kind], ...reliability[kind] },
    });
  const produce = (kind: DataKind) => send.produceData({ label: kind, ...reliability[kind] });
  const [reliableIn, lossyIn, reliableOut, lossyOut] = await Promise.all([
    consume('reliable'),
    consume('lossy'),
    produce('reliable'),
    produce('lossy'),
  ]);
  const incoming = { reliable: reliableIn, lossy: lossyIn };
  const outgoing = { reliable: reliableOut, lossy: lossyOut };
  const channels = [reliableIn, lossyIn, reliableOut, lossyOut];

  const pipe: DataPipe = {
    buffered: (kind) => outgoing[kind].bufferedAmount,
    send: (kind, frame) => {
      // Where it is not open any more, `closed` follows.
      if (outgoing[kind].readyState === 'open') outgoing[kind].send(frame);
    },
  };
  for (const kind of ['reliable', 'lossy'] as const) {
    incoming[kind].binaryType = 'arraybuffer';
    incoming[kind].on('message', (data: unknown) => {
      if (data instanceof ArrayBuffer) listener.received(kind, new Uint8Array(data));
    });
  }
  let told = false;
  const tellWhenOpen = () => {
    if (told || channels.some(({ readyState }) => readyState !== 'open')) return;
    told = true;
    listener.opened(pipe);
  };
  const closed = () => listener.closed(new PlenumError('disconnected', 'The data channels were closed.'));
  for (const kind of ['reliable', 'lossy'] as const) {
    incoming[kind].on('open', tellWhenOpen).on('close', closed);
    outgoing[kind].on('open', tellWhenOpen).on('close', closed);
  }
  tellWhenOpen();
}
