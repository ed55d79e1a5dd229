import { expect, test } from 'vitest';
import { VisitLink } from '../../../src/signaling/VisitLink.ts';
import { FakeEngine } from '../../support/fakeEngine.ts';
import { fakeDtlsParameters } from '../../support/fakeMedia.ts';

test('who has missed a mediaReset does not know the transports of now, of which no snapshot tells', async () => {
  const engine = new FakeEngine();
  const { workerId } = engine.place({ present: new Set(), avoid: new Set(), returning: false });
  const router = await engine.createRouter(workerId);
  const { info } = await router.createTransport(fakeDtlsParameters(), false);
  const link = new VisitLink();
  link.detach();
  link.notify('subscriptionsRemoved', { subscriptionIds: ['before'] });
  const nobody = { participants: [], publications: [] };
  link.notify('mediaReset', { sendTransport: info, recvTransport: info, subscriptions: [], introduced: nobody });
  expect([0, 1, 2].map((seq) => link.knowsMedia(seq))).toEqual([false, false, true]);
  expect([0, 1, 2].map((seq) => link.since(seq)?.length)).toEqual([2, 1, 0]);
  for (let round = 0; round < 300; round += 1) link.notify('subscriptionsRemoved', { subscriptionIds: ['after'] });
  expect([0, 1, 2].map((seq) => link.since(seq))).toEqual([undefined, undefined, undefined]);
});
