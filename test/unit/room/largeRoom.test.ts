import { beforeEach, describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/protocol/index.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

type Joined = Awaited<ReturnType<Lobby['join']>>;

let lobby: Lobby;
let people: Joined[];

/** Everybody who comes, by number; one more than the room tells everybody of. */
async function fill(fullRoster: number, count: number): Promise<void> {
  lobby = new Lobby({ fullRoster });
  people = [];
  for (let index = 0; index < count; index += 1) people.push(await lobby.join(`person-${index}`));
  await rest();
}

async function rest(): Promise<void> {
  await settled();
  lobby.clock.advance(5000);
  await settled();
}

const at = (index: number): Joined => {
  const person = people[index];
  if (!person) throw new Error(`there is no person ${index}`);
  return person;
};
const idOf = (index: number) => at(index).participant.participantId;
const none = { videos: [] };

/** What everybody was told while `action` happened, and a while after it. */
async function deltasOf(action: () => unknown): Promise<Omit<Notice<'roomChanged'>, 'revision'>[]> {
  const before = lobby.hall.announced.length;
  await action();
  await rest();
  const told = lobby.hall.announced.slice(before).filter(({ name }) => name === 'roomChanged');
  return told.map(({ payload }) => {
    const { revision: _, ...delta } = payload as Notice<'roomChanged'>;
    return delta;
  });
}

describe('beyond the limit', () => {
  beforeEach(() => fill(3, 3));

  test('the room becomes large: those with nothing to see are hidden, and later joins are a number', async () => {
    await at(1).participant.publish(microphone());
    at(2).participant.raiseHand(7);
    await rest();
    const turned = await deltasOf(async () => people.push(await lobby.join('person-3')));
    expect(turned).toEqual([{ partial: true, count: 4, hidden: [{ participantId: idOf(0) }] }]);
    const later = await deltasOf(async () => people.push(await lobby.join('person-4')));
    expect(later).toEqual([{ count: 5 }]);
    const { room } = at(4).answer;
    expect([room.partial, room.count]).toEqual([true, 5]);
    expect(room.participants.map(({ identity }) => identity)).toEqual(['person-1', 'person-2', 'person-4']);
    expect(room.publications.map(({ participantId }) => participantId)).toEqual([idOf(1)]);
    const left = await deltasOf(() => at(3).participant.close('left'));
    expect(left).toEqual([{ count: 4 }]);
  });

  test('who publishes comes with all of it, and goes with the last of it', async () => {
    people.push(await lobby.join('person-3'));
    await rest();
    const { participant } = at(3);
    const shown = await deltasOf(() => participant.publish(microphone()));
    expect(shown).toMatchObject([
      { participants: [{ identity: 'person-3' }], publications: [{ source: 'microphone' }] },
    ]);
    const more = await deltasOf(() => participant.publish(camera()));
    expect(more).toMatchObject([{ publications: [{ source: 'camera' }] }]);
    expect(Object.keys(more[0] ?? {})).toEqual(['publications']);
    const [first, second] = participant.publications.map(({ publicationId }) => publicationId);
    await deltasOf(() => participant.unpublish(first ?? ''));
    const hidden = await deltasOf(() => participant.unpublish(second ?? ''));
    expect(hidden).toEqual([
      { hidden: [{ participantId: participant.participantId }], unpublished: [{ publicationId: second }] },
    ]);
  });

  test('what ends while its participant is hidden and shown again within one delta is told all the same', async () => {
    people.push(await lobby.join('person-3'));
    const { participant } = at(0);
    const { publicationId } = await participant.publish(camera());
    await rest();
    const deltas = await deltasOf(async () => {
      const { publicationId: spoken } = await at(1).participant.publish(microphone());
      for (const index of [1, 2, 3]) at(index).participant.raiseHand(1);
      lobby.engine.routers[0]?.tellLevels([{ producerId: spoken, level: -20 }]);
      participant.unpublish(publicationId);
      participant.raiseHand(1);
      at(3).participant.raiseHand(null);
    });
    expect(deltas.flatMap(({ unpublished = [] }) => unpublished)).toEqual([{ publicationId }]);
  });

  test('who spoke stays, also with the microphone off', async () => {
    people.push(await lobby.join('person-3'));
    const { publicationId } = await at(0).participant.publish(microphone());
    lobby.engine.routers[0]?.tellLevels([{ producerId: publicationId, level: -20 }]);
    await rest();
    const deltas = await deltasOf(() => at(0).participant.unpublish(publicationId));
    expect(deltas).toEqual([{ unpublished: [{ publicationId }] }]);
  });

  test('a room that has shrunk well below it tells everybody of everybody again', async () => {
    people.push(await lobby.join('person-3'));
    await rest();
    expect(await deltasOf(() => at(3).participant.close('left'))).toEqual([{ count: 3 }]);
    const deltas = await deltasOf(() => at(2).participant.close('left'));
    expect(deltas).toMatchObject([
      { partial: false, participants: [{ identity: 'person-0' }, { identity: 'person-1' }] },
    ]);
  });
});

describe('with more who publish than the limit', () => {
  beforeEach(async () => {
    await fill(2, 5);
    for (const { participant, room } of people) {
      room.setView(participant, { version: 1, view: none });
      await participant.publish(camera());
    }
    await rest();
  });

  const known = (index: number) => at(index).link.all('knownChanged');

  test('a snapshot holds so many and oneself, whoever is received is introduced', async () => {
    const { answer } = await lobby.join('person-5');
    const shown = answer.room.participants.map(({ identity }) => identity);
    expect(shown).toEqual(['person-0', 'person-1', 'person-5']);
    expect(answer.room.publications).toHaveLength(2);
    expect(answer.subscriptions).toHaveLength(5);
    expect(answer.introduced?.participants.map(({ identity }) => identity)).toEqual([
      'person-2',
      'person-3',
      'person-4',
    ]);
    expect(answer.introduced?.publications).toHaveLength(3);
  });

  test('a change of somebody hidden is told to those who receive it and to oneself, to nobody else', async () => {
    const [publication] = at(4).participant.publications;
    if (!publication) throw new Error('it was published');
    const { publicationId } = publication;
    const video = { publicationId, width: 100, height: 100, priority: 1 };
    at(1).room.setView(at(1).participant, { version: 2, view: { videos: [video] } });
    await rest();
    expect(at(1).link.all('subscriptionsAdded').at(-1)?.subscriptions[0]?.participant.identity).toBe('person-4');
    const before = people.map((_, index) => known(index).length);
    const deltas = await deltasOf(() =>
      at(4).participant.updatePublication({ requestId: 'm', publicationId, muted: true }),
    );
    expect(deltas).toEqual([]);
    expect(people.map((_, index) => known(index).length - (before[index] ?? 0))).toEqual([0, 1, 0, 0, 1]);
    expect(known(1).at(-1)).toMatchObject({ publications: [{ publicationId, muted: true }] });
    expect(known(4).at(-1)).toMatchObject({ participants: [{ identity: 'person-4' }], publications: [] });
  });

  test('one who speaks displaces one who does not', async () => {
    const { publicationId } = await at(4).participant.publish(microphone());
    const deltas = await deltasOf(() =>
      lobby.engine.routers[0]?.tellLevels([{ producerId: publicationId, level: -20 }]),
    );
    expect(deltas).toMatchObject([
      {
        participants: [{ identity: 'person-4' }],
        publications: [{ source: 'camera' }, { source: 'microphone' }],
        hidden: [{ participantId: idOf(0) }],
      },
    ]);
  });

  test('nobody hears of somebody who has gone before it could be told', async () => {
    const before = known(1).length;
    at(4).participant.updateMetadata({ seat: 1 });
    at(4).participant.close('left');
    await rest();
    expect(known(1)).toHaveLength(before);
  });
});

test('one who has not been let in yet is told nothing personally', async () => {
  await fill(1, 3);
  await at(0).participant.publish(camera());
  at(1).participant.raiseHand(1);
  lobby.hold(/consume/);
  const link = lobby.hall.link();
  const coming = lobby.join('late', {}, link);
  await settled();
  at(0).participant.updateMetadata({ seat: 1 });
  lobby.clock.advance(1000);
  expect(link.received).toEqual([]);
  await lobby.release();
  const { answer } = await coming;
  const everybody = [...answer.room.participants, ...(answer.introduced?.participants ?? [])];
  expect(everybody.find(({ identity }) => identity === 'person-0')?.metadata).toEqual({ seat: 1 });
});
