import type { ParamsInput, RequestName } from '../../src/protocol/index.ts';
import { fakeCamera, fakeCapabilities, fakeDtlsParameters } from './fakeMedia.ts';
import { newRequestId } from './RawClient.ts';

/** For each request params of the right shape, with every optional field; ids in them are of nothing that exists. */
export const requestExamples: { [N in RequestName]: () => ParamsInput<N> } = {
  join: () => ({
    requestId: newRequestId(),
    recvRtpCapabilities: fakeCapabilities(['VP8']),
    dtlsParameters: fakeDtlsParameters(),
    view: { videos: [{ publicationId: 'unknown', width: 320, height: 180, priority: 2 }] },
    metadata: { seat: 1 },
  }),
  leave: () => ({}),
  restartIce: () => ({ requestId: newRequestId(), transport: 'send' }),
  publish: () => ({ ...fakeCamera(newRequestId()), muted: true, metadata: { lens: 'wide' } }),
  restorePublication: () => {
    const { rtpParameters, width, height } = fakeCamera('camera');
    return { requestId: newRequestId(), publicationId: 'unknown', rtpParameters, muted: true, width, height };
  },
  unpublish: () => ({ requestId: newRequestId(), publicationId: 'unknown' }),
  updatePublication: () => ({
    requestId: newRequestId(),
    publicationId: 'unknown',
    muted: true,
    width: 640,
    height: 480,
    metadata: { lens: 'wide' },
  }),
  setView: () => ({ version: 1, view: { videos: [{ publicationId: 'unknown', width: 320, height: 180 }] } }),
  startSubscriptions: () => ({ subscriptionIds: ['unknown'] }),
  listParticipants: () => ({ query: 'ada', limit: 10 }),
  sendChat: () => ({ requestId: newRequestId(), text: 'hello' }),
  updateMetadata: () => ({ requestId: newRequestId(), metadata: { seat: 2, away: true, note: null, name: 'x' } }),
  raiseHand: () => ({ requestId: newRequestId(), raised: true }),
  moderate: () => ({ requestId: newRequestId(), moderation: { action: 'lower-hands' } }),
  listBans: () => ({}),
  simulateFault: () => ({ requestId: newRequestId(), fault: 'worker-killed' }),
};
