import { expect, test, vi } from 'vitest';
import type { Grants } from '../../../src/protocol/index.ts';
import type { Deed } from '../../../src/room/Actor.ts';
import type { Participant } from '../../../src/room/Participant.ts';
import { tolerated } from '../../../src/room/SendingWatch.ts';
import { fakeStats } from '../../support/fakeStreams.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

const limit = 500_000;

/** A room in which people send as much as they like. */
class Studio extends Lobby {
  readonly deeds: Deed[] = [];

  constructor() {
    super({ maxParticipants: 1000 });
    this.registry.on('moderated', (deed) => this.deeds.push(deed));
  }

  async films(identity: string, grants: Partial<Grants> = { maxVideoBitrate: limit }) {
    const visit = await this.join(identity, {}, undefined, grants);
    if (grants.canPublish === undefined) await visit.participant.publish(microphone());
    const { publicationId } = await visit.participant.publish(camera());
    return { ...visit, publicationId };
  }

  /** In two streams, as the worker counts them from now on. */
  sends({ publications }: Participant, bitrate: number): void {
    const ids = publications.filter(({ kind }) => kind === 'video').map(({ publicationId }) => publicationId);
    for (const producer of this.engine.producers.filter(({ producerId }) => ids.includes(producerId))) {
      producer.streams = [
        { ...fakeStats, bitrate: bitrate / 4 },
        { ...fakeStats, bitrate: (bitrate * 3) / 4 },
      ];
    }
  }

  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.clock.advance(1000);
      await settled();
    }
  }
}

const sourcesOf = ({ publications }: Participant) => publications.map(({ source }) => source);

test('who sends far more video than it may, for long, may send none any more, and hears so', async () => {
  const studio = new Studio();
  const { participant: ada, link, publicationId } = await studio.films('ada');
  studio.sends(ada, tolerated(limit) + 1);
  await studio.pass(7);
  expect(sourcesOf(ada)).toEqual(['microphone', 'camera']);
  await studio.pass(1);
  expect(sourcesOf(ada)).toEqual(['microphone']);
  const by = { displayName: 'Plenum' };
  const canPublish = ['microphone', 'screen-audio'];
  expect(link.all('unpublished')).toMatchObject([{ publicationId, by }]);
  expect(link.all('grantsChanged')).toMatchObject([{ grants: { canPublish, maxVideoBitrate: limit }, by }]);
  expect(studio.deeds).toMatchObject([
    { by: { kind: 'server' }, room: 'room', action: { action: 'grant', changes: { canPublish } }, target: 'ada' },
  ]);
  expect(studio.logged.join()).toContain('sends far more video than it may');
  await expect(ada.publish(camera())).rejects.toMatchObject({ code: 'forbidden' });
  // Nor does another visit with the same token help.
  ada.close('left');
  const again = await studio.join('ada', {}, undefined, { maxVideoBitrate: limit });
  await expect(again.participant.publish(camera())).rejects.toMatchObject({ code: 'forbidden' });
  await studio.pass(20);
  expect(studio.deeds).toHaveLength(1);
});

test('who may send no sound is not given that right', async () => {
  const studio = new Studio();
  const { participant: ada } = await studio.films('ada', { canPublish: ['camera'], maxVideoBitrate: limit });
  studio.sends(ada, 10 * limit);
  await studio.pass(10);
  expect(ada.grants.canPublish).toEqual([]);
});

test('what an encoder overshoots, what is soon over, and what nobody limits is let pass', async () => {
  const studio = new Studio();
  const { participant: ada } = await studio.films('ada');
  const { participant: bob } = await studio.films('bob');
  const { participant: cyd } = await studio.films('cyd', {});
  studio.sends(ada, tolerated(limit));
  studio.sends(cyd, 1000 * limit);
  for (let round = 0; round < 3; round += 1) {
    studio.sends(bob, 10 * limit);
    await studio.pass(6);
    studio.sends(bob, limit);
    await studio.pass(30);
  }
  expect([ada, bob, cyd].map(sourcesOf)).toEqual(Array(3).fill(['microphone', 'camera']));
  expect(studio.deeds).toEqual([]);
});

test('neither pauses nor coming again help', async () => {
  const studio = new Studio();
  const { participant: ada } = await studio.films('ada');
  for (let round = 0; round < 2; round += 1) {
    studio.sends(ada, 10 * limit);
    await studio.pass(5);
    studio.sends(ada, 0);
    await studio.pass(2);
  }
  expect(ada.grants.canPublish).not.toBe(true);

  let bob = (await studio.films('bob')).participant;
  for (let visit = 0; visit < 2; visit += 1) {
    studio.sends(bob, 10 * limit);
    await studio.pass(5);
    bob.close('left');
    bob = (await studio.films('bob').catch(() => studio.join('bob'))).participant;
  }
  expect(bob.grants.canPublish).not.toBe(true);
});

test('a limit that was lowered leaves as much time as one that was there before', async () => {
  const studio = new Studio();
  const { participant: ada } = await studio.films('ada');
  studio.sends(ada, 10 * limit);
  await studio.pass(7);
  ada.setGrants({ ...ada.grants, maxVideoBitrate: limit / 2 }, { displayName: 'Mia' });
  await studio.pass(7);
  expect(sourcesOf(ada)).toContain('camera');
  await studio.pass(1);
  expect(sourcesOf(ada)).not.toContain('camera');
});

test('however many send, few are looked at in a second, each in its turn', async () => {
  const studio = new Studio();
  const all = [];
  for (let index = 0; index < 50; index += 1) all.push((await studio.films(`p${index}`)).participant);
  const asked = studio.engine.producers
    .filter(({ kind }) => kind === 'video')
    .map((producer) => vi.spyOn(producer, 'stats'));
  const looks = () => asked.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  await studio.pass(1);
  expect(looks()).toBe(20);
  await studio.pass(4);
  expect(looks()).toBe(100);
  expect(new Set(asked.map(({ mock }) => mock.calls.length))).toEqual(new Set([2]));
  // One of them does not hide among the others.
  const [, , last] = all;
  if (!last) throw new Error('nobody is there');
  studio.sends(last, 10 * limit);
  await studio.pass(15);
  expect(all.filter((each) => !sourcesOf(each).includes('camera'))).toEqual([last]);
});

test('nobody is waited for who has gone', async () => {
  const studio = new Studio();
  const { room } = await studio.films('ada');
  await studio.pass(1);
  room.close('ended', true);
  await studio.pass(1);
  expect(studio.clock.pending).toBe(0);
  await studio.films('bob');
  studio.registry.close();
  await studio.pass(1);
  expect(studio.clock.pending).toBe(0);
});
