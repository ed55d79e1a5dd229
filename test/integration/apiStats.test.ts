import { expect, test, vi } from 'vitest';
import { apiOf } from '../support/apiStage.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { wideLimits } from '../support/wideLimits.ts';

/** What the API tells of media. */

const stage = setStage({ config: wideLimits });
const api = () => apiOf(stage);
const idOf = ({ answer }: { answer: { participantId: string } }) => answer.participantId;

test('statistics say what flows', async () => {
  const ada = await stage.joined('room', 'ada');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  const bob = await stage.joined('room', 'bob');
  expect(await api().readParticipantStats('room', idOf(ada))).toEqual({
    participantId: idOf(ada),
    connection: 'good',
    sending: { incoming: { bitrate: 0, bytes: 0, lossRatio: 0 }, outgoing: { bitrate: 0, bytes: 0 } },
    receiving: expect.any(Object),
    publications: [{ publicationId, source: 'camera', kind: 'video', codec: 'vp8', muted: false, streams: [] }],
    subscriptions: [],
  });
  const received = await api().readParticipantStats('room', idOf(bob));
  expect(received.subscriptions).toMatchObject([{ publicationId, status: expect.any(String) }]);
  expect(await api().readRoomStats('room')).toMatchObject({
    ...{ participants: 2, publications: 1, subscriptions: 1, bitrateIn: 0, bitrateOut: 0 },
    connections: { good: 2, poor: 0, lost: 0 },
  });
});

test('however many ask for the statistics of one participant, its worker is asked once', async () => {
  const ada = await stage.joined('room', 'ada');
  await ada.request('publish', fakeCamera(newRequestId()));
  const [participant] = stage.server.app.registry.find('room')?.participants ?? [];
  const [publication] = participant?.publications ?? [];
  if (!participant || !publication) throw new Error('nobody is there');
  const asked = [vi.spyOn(participant.sendTransport, 'stats'), vi.spyOn(publication.producer, 'stats')];
  const client = api();
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.readParticipantStats('room', idOf(ada))));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  for (const each of asked) expect(each).toHaveBeenCalledOnce();
});
