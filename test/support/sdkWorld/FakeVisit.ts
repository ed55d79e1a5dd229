import type { ErrorCode, Notice } from '../../../src/protocol/index.ts';
import { fakeDtlsParameters } from '../fakeMedia.ts';
import type { FakeSocket } from './FakeSocket.ts';

/** One visit, as the server knows it. */
export interface Visit {
  readonly key: string;
  readonly participantId: string;
  /** By publicationId: whether it is muted, as the room was told last. */
  readonly muted: Map<string, boolean>;
  /** By requestId: the same request gets the same answer again. */
  readonly answered: Map<unknown, object>;
  /** What is to be told when the client is back. */
  readonly missed: (() => void)[];
  socket: FakeSocket | undefined;
  joined: boolean;
  seq: number;
  grace: ReturnType<typeof setTimeout> | undefined;
}

export interface Refusal {
  at: 'handshake' | 'join' | 'request';
  code: ErrorCode;
  retryAfterMs?: number;
  /** How the visit has ended that was to be resumed. */
  removed?: Notice<'removed'>;
  times?: number;
}

export const media = () => {
  const transport = {
    transportId: 't',
    iceParameters: { usernameFragment: 'u', password: 'p' },
    iceCandidates: [],
    dtlsParameters: fakeDtlsParameters(),
  };
  return { sendTransport: transport, recvTransport: transport, subscriptions: [] };
};

export function fieldOf(params: unknown, key: string): unknown {
  return typeof params === 'object' && params !== null ? Reflect.get(params, key) : undefined;
}
