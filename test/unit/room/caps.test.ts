import { expect, test } from 'vitest';
import { camera, Lobby, settled } from '../../support/Lobby.ts';

const full = expect.objectContaining({ code: 'server-full', message: expect.stringContaining('try again') });

test('a server has so many rooms; those that there are take people all the same', async () => {
  const lobby = new Lobby({}, {}, { maxRooms: 2 });
  await lobby.join('ada');
  const other = lobby.registry.enter('two', 'bob');
  expect(() => lobby.registry.enter('three', 'eve')).toThrow(full);
  expect(lobby.registry.enter('two', 'eve')).toBe(other);
  await lobby.join('bob');
  other.close('ended', false);
  expect(lobby.registry.enter('three', 'eve').name).toBe('three');
});

test('a server has so many participants in all rooms; who comes again takes no second place', async () => {
  const lobby = new Lobby({}, {}, { maxServerParticipants: 2 });
  await lobby.join('ada');
  lobby.hold(/create transport/);
  const bob = lobby.join('bob');
  await settled();
  for (const room of ['room', 'two']) expect(() => lobby.registry.enter(room, 'eve'), 'bob is arriving').toThrow(full);
  expect(lobby.registry.rooms, 'no room was opened for nobody').toHaveLength(1);
  expect(lobby.registry.enter('room', 'ada').name).toBe('room');
  expect(() => lobby.registry.enter('two', 'ada'), 'she would be there twice').toThrow(full);
  await lobby.release();
  lobby.hold(/nothing/);
  (await bob).participant.close('left');
  expect(lobby.registry.enter('two', 'eve').name).toBe('two');
});

test('a participant receives so many publications; others come when there is room', async () => {
  const lobby = new Lobby({ maxSubscriptions: 3 });
  const bob = await lobby.join('bob');
  const videos = [];
  for (let index = 0; index < 5; index += 1) videos.push((await bob.participant.publish(camera())).publicationId);
  const entry = { width: 320, height: 180, priority: 1 };
  const of = (ids: readonly (string | undefined)[]) => ({
    videos: ids.flatMap((publicationId) => (publicationId === undefined ? [] : { publicationId, ...entry })),
  });
  const ada = await lobby.join('ada', { view: of(videos) });
  const received = () => ada.participant.subscriptions.told.map(({ publicationId }) => publicationId);
  expect(received()).toEqual(videos.slice(0, 3));
  // What has left the view is kept only as long as its place is not needed.
  ada.room.setView(ada.participant, { version: 1, view: of(videos.slice(2)) });
  await settled();
  expect(received()).toEqual(videos.slice(2));
  ada.room.setView(ada.participant, { version: 2, view: of(videos.slice(0, 1)) });
  await settled();
  expect(received()).toHaveLength(3);
  expect(received()).toContain(videos[0]);
  expect(lobby.engine.problems).toEqual([]);
});

test('hidden participants take no place from others, and have few of their own', async () => {
  const lobby = new Lobby({ maxParticipants: 1, maxHidden: 1 }, {}, { maxServerParticipants: 3 });
  const hidden = (identity: string) => lobby.join(identity, {}, lobby.hall.link(), { hidden: true });
  const { participant: eve } = await hidden('eve');
  await lobby.join('ada');
  await expect(lobby.join('bob')).rejects.toMatchObject({ code: 'room-full' });
  await expect(hidden('mallory')).rejects.toMatchObject({
    code: 'room-full',
    message: 'the room is full: it takes 1 hidden participants',
  });
  const again = await hidden('eve');
  expect(eve.closed).toBe(true);
  lobby.registry.enter('two', 'bob');
  again.participant.close('left');
  await hidden('mallory');
  // Her second visit takes the place of the first, also where she is seen in it.
  await expect(lobby.join('mallory')).rejects.toMatchObject({ code: 'room-full' });
  const places = lobby.registry.find('room')?.places.taken;
  expect(places, 'they count for the server').toBe(2);
});
