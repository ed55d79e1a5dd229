import { expect, test } from 'vitest';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import { apiToken } from '../support/apiStage.ts';
import { RawClient } from '../support/RawClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { WebhookReceiver, webhookSecret } from '../support/WebhookReceiver.ts';

/** What an application's server hears of what it has itself done, and of those who wait for it. */

test('a knock is told before anybody has come, and ends say who made them', async ({ onTestFinished }) => {
  const receiver = await WebhookReceiver.listen();
  onTestFinished(() => receiver.close());
  const server = await startTestServer({
    config: {
      webhookUrls: [receiver.url],
      webhookSecrets: [webhookSecret],
      webhookAllowPrivate: ['127.0.0.1'],
      workers: 1,
    },
  });
  onTestFinished(() => server.close());
  const api = new PlenumApi({ url: server.url, token: () => apiToken() });
  const settings = { lobby: true, emptyTimeoutSeconds: 60 };
  const { sessionId } = await api.createRoom({ name: 'lobby', settings });
  const ada = await RawClient.connect(server.url, await server.token('lobby', 'ada'));
  onTestFinished(() => ada.close());
  await expect(ada.join()).rejects.toMatchObject({ code: 'in-lobby' });
  const room = { name: 'lobby', sessionId };
  const [knocked] = await receiver.first(1, 'lobby');
  const knock = { identity: 'ada', displayName: 'ada' };
  expect(knocked).toMatchObject({ type: 'lobby.knock', data: { room, knock, at: expect.any(Number) } });
  await api.admitEverybody('lobby');
  await ada.next('admitted');
  const { participantId } = await ada.join();
  await api.removeParticipant('lobby', participantId);
  await api.endRoom('lobby');
  const [started, joined, left, ended] = (await receiver.first(5, 'lobby')).slice(1);
  expect([started?.type, joined?.type]).toEqual(['room.started', 'participant.joined']);
  const by = { displayName: 'crm' };
  expect(left).toMatchObject({ type: 'participant.left', data: { room, reason: 'removed', by } });
  expect(ended).toMatchObject({ type: 'room.ended', data: { room, reason: 'ended', by } });
  expect(receiver.refused, 'requests that were not rightly signed').toEqual([]);
});
