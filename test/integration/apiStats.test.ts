import { afterEach, expect, test, vi } from 'vitest';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import type { OutgoingStream } from '../load/sending/OutgoingStream.ts';
import { apiOf } from '../support/apiStage.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

/** What the API tells of media. */

const stage = setStage({ config: { ...wideLimits, dynacast: false } });
const context = await createContext();
const visits: LoadParticipant[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

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

async function sending(room: string, identity: string): Promise<LoadParticipant> {
  const token = await stage.server.token(room, identity);
  const participant = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(participant);
  return participant;
}

/** Of payload alone, and with all headers that there may be: bits. */
const least = ({ octets }: Pick<OutgoingStream, 'octets'>) => 8 * octets;
const most = ({ octets, packets }: Pick<OutgoingStream, 'octets' | 'packets'>) => 8 * (octets + 48 * packets);

test('what is told of each track and connection is what flows there', async () => {
  const [ada, bob, cyd] = [await sending('flow', 'ada'), await sending('flow', 'bob'), await sending('flow', 'cyd')];
  const camera = await ada.publishVideo();
  // So that one cannot be taken for the other: 50 packets a second, and 17.
  const voices = [await ada.publishAudio({ dtx: false }), await cyd.publishAudio({ frameMs: 60, dtx: false })] as const;
  for (const { sender } of voices) sender.speak(-20);
  await bob.setView({ videos: [{ publicationId: camera.publicationId, width: 1280, height: 720 }] });
  const [voice] = voices;
  // The rates are those of the last seconds.
  const since = performance.now();
  const { packets, octets } = voice.sender.stream;
  await waitFor('three seconds of sound', () => voice.sender.stream.packets >= packets + 150);
  const rate = (bits: number) => bits / ((performance.now() - since) / 1000);
  const lately = { packets: voice.sender.stream.packets - packets, octets: voice.sender.stream.octets - octets };
  const [lowest, highest] = [rate(least(lately)), rate(most(lately))];

  const own = [...camera.sender.streams, voice.sender.stream];
  const sent = own.map((stream) => stream.packets);
  const payload = own.reduce((sum, stream) => sum + stream.octets, 0);
  const read = async () => {
    const stats = await api().readParticipantStats('flow', ada.participantId);
    const [pictures, sound] = [camera, voice].map(({ publicationId }) =>
      stats.publications.find((each) => each.publicationId === publicationId),
    );
    return { stats, streams: [...(pictures?.streams ?? []), ...(sound?.streams ?? [])] };
  };
  const { stats, streams } = await waitFor('all that had been sent', async () => {
    const now = await read();
    return own.every((_, index) => (now.streams[index]?.packets ?? 0) >= (sent[index] ?? 0)) ? now : undefined;
  });
  expect(streams).toHaveLength(4);
  for (const [index, stream] of streams.entries()) {
    expect(stream.packets).toBeLessThanOrEqual(own[index]?.packets ?? 0);
    expect(stream).toMatchObject({ packetsLost: 0, lossRatio: 0, score: 10 });
  }
  const bitrates = streams.map(({ bitrate }) => bitrate);
  expect(bitrates.slice(0, 3), 'the smallest picture first').toEqual(bitrates.slice(0, 3).toSorted((a, b) => a - b));
  expect(bitrates[3]).toBeGreaterThan(lowest * 0.75);
  expect(bitrates[3]).toBeLessThan(highest * 1.25);
  const together = bitrates.reduce((sum, bitrate) => sum + bitrate, 0);
  expect(stats.sending?.incoming.bytes).toBeGreaterThanOrEqual(payload);
  expect(stats.sending?.incoming.bytes).toBeLessThanOrEqual(ada.send.bytesOut);
  expect(stats.sending?.incoming.bitrate).toBeGreaterThan(together * 0.7);
  expect(stats.sending?.incoming.bitrate).toBeLessThan(together * 1.5);
  expect(stats.sending?.protocol).toBe('udp');

  const arrived = new Map(
    [camera, ...voices].map(({ publicationId: id }) => [id, bob.receptionOf(id)?.stream.packets]),
  );
  const bytesIn = bob.recv.bytesIn;
  const { receiving, subscriptions } = await api().readParticipantStats('flow', bob.participantId);
  expect(subscriptions.map(({ publicationId }) => publicationId).toSorted()).toEqual([...arrived.keys()].toSorted());
  for (const { publicationId, stream, status } of subscriptions) {
    expect(status).toBe('active');
    expect(arrived.get(publicationId)).toBeGreaterThan(0);
    expect(stream?.packets).toBeGreaterThanOrEqual(arrived.get(publicationId) ?? Number.POSITIVE_INFINITY);
    // What is still on its way to this process.
    expect(stream?.packets).toBeLessThan((bob.receptionOf(publicationId)?.stream.packets ?? 0) + 40);
  }
  expect(receiving?.outgoing.bytes).toBeGreaterThanOrEqual(bytesIn);

  const room = await api().readRoomStats('flow');
  expect(room).toMatchObject({ participants: 3, publications: 3, subscriptions: 5, connections: { good: 3 } });
  expect(room.bitrateIn).toBeGreaterThan(together * 0.7);
  expect(room.bitrateIn).toBeLessThan(together * 1.6);
  expect(room.bitrateOut).toBeGreaterThan(lowest);
});
