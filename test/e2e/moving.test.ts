import { expect } from 'vitest';
import { type Meeting, test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

const nameOf = (person: Person) => person.page.evaluate(() => window.plenum.name);

async function move(meeting: Meeting, person: Person, from: string, room: string): Promise<void> {
  const participantId = await person.page.evaluate(() => window.plenum.local?.participantId ?? 'nobody');
  const former = meeting.server.app.registry.find(from);
  await former?.moderation.act({ kind: 'application', name: 'Campus' }, { action: 'move', participantId, room });
}

test('who is moved sees and is seen in the other room, over the same socket, with the same camera', async ({
  meeting,
}) => {
  const [here, there] = ['breakout', 'breakout--1'];
  const ada = await meeting.join({ room: here, name: 'Ada' });
  const bob = await meeting.join({ room: there, name: 'Bob' });
  const eve = await meeting.join({ room: here, name: 'Eve' });
  await ada.seesPicture(ada.tile('Eve'));
  const sockets: string[] = [];
  ada.page.on('websocket', (socket) => sockets.push(socket.url()));
  const camera = await ada.page.evaluate(() => {
    const moves: string[] = [];
    window.plenum.on('moved', ({ room, by }) => moves.push(`${by.displayName}: ${room}`));
    Reflect.set(window, 'moves', moves);
    return window.plenum.local?.publications.get('camera')?.track?.id;
  });
  const since = Date.now();
  await move(meeting, ada, here, there);
  await Promise.all([ada.seesPicture(ada.tile('Bob')), bob.seesPicture(bob.tile('Ada'))]);
  console.info(`moved: both see each other ${Date.now() - since} ms later`);
  await waitFor('Ada to be gone for Eve', async () => (await eve.tile('Ada').count()) === 0);
  expect(await nameOf(ada)).toBe(there);
  expect(await ada.page.evaluate((): string[] => Reflect.get(window, 'moves'))).toEqual([`Campus: ${there}`]);
  const track = await ada.page.evaluate(() => {
    const { id, readyState } = window.plenum.local?.publications.get('camera')?.track ?? {};
    return { id, readyState };
  });
  expect(track).toEqual({ id: camera, readyState: 'live' });
  expect(sockets, 'no other socket was opened').toEqual([]);
  await move(meeting, ada, there, here);
  await Promise.all([ada.seesPicture(ada.tile('Eve')), eve.seesPicture(eve.tile('Ada'))]);
  expect(sockets).toEqual([]);
});
