import { describe, expect, test } from 'vitest';
import { type Actor, server } from '../../../src/room/Actor.ts';
import { hasSay, roomsOf } from '../../../src/room/Standing.ts';
import { breakout, family } from '../../support/family.ts';
import { application } from '../../support/school.ts';

/** Where it holds what is decided about somebody who was moved to another room. */

const moderator = { moderator: true };

test('a decision holds in the room of the token too, where who decides has a say', async () => {
  const { as } = await breakout();
  const rooms = (by: Actor, tokenRoom: string) => roomsOf(by, 'school--1', { tokenRoom });
  const [mia, eve] = [as('mia', 'school--1'), as('eve', 'school--1')];
  for (const by of [mia, application, server]) expect(rooms(by, 'school')).toEqual(['school--1', 'school']);
  for (const by of [mia, eve, application]) expect(rooms(by, 'school--1')).toEqual(['school--1']);
  expect(rooms(eve, 'school')).toEqual(['school--1']);
  expect(rooms(mia, 'elsewhere')).toEqual(['school--1']);
  expect(rooms(application, 'elsewhere')).toEqual(['school--1', 'elsewhere']);
  const confined: Actor = { kind: 'application', name: 'Campus', reaches: (room) => room === 'school--1' };
  expect(rooms(confined, 'school')).toEqual(['school--1']);
  expect(hasSay(eve, 'school--1', 'school--1')).toBe(true);
});

describe('who is sent away from a breakout', () => {
  test('with a ban, is banned from the main room, where it is told by whom and why', async () => {
    const { lobby, comes, move, person, as, act, room } = await breakout();
    await comes('ada', 'school', moderator);
    await move('ada', 'school', 'school--1', moderator);
    const { participantId } = person('ada', 'school--1');
    const by = as('mia', 'school--1');
    await act('school--1', by, { action: 'remove', participantId, ban: true, reason: 'too loud' });
    await expect(comes('ada', 'school', moderator)).rejects.toMatchObject({ code: 'forbidden' });
    const ban = {
      ...{ identity: 'ada', displayName: 'ada', reason: 'too loud', at: lobby.clock.date() },
      by: { identity: 'mia', displayName: 'mia' },
    };
    for (const name of ['school', 'school--1']) expect(room(name).moderation.standing.bans.told).toEqual([ban]);
  });

  test.each([
    ['school', 'school--1'],
    ['school--1', 'school'],
  ])('may come into both again when the ban is lifted in %s', async (lifts, other) => {
    const { comes, move, remove, as, act, bannedIn, unbanned } = await breakout();
    await comes('ada', 'school');
    await move('ada', 'school', 'school--1');
    await remove('ada', 'school--1', as('mia', 'school--1'), true);
    await act(lifts, application, { action: 'unban', identity: 'ada' });
    expect([bannedIn('school'), bannedIn('school--1')]).toEqual([[], []]);
    expect(unbanned).toEqual([
      [lifts, 'ada'],
      [other, 'ada'],
    ]);
    await comes('ada', 'school');
  });

  test('stays banned by another ban than the one that is lifted', async () => {
    const { comes, move, remove, as, act, bannedIn } = await breakout();
    await comes('ada', 'school');
    await move('ada', 'school', 'school--1');
    await remove('ada', 'school--1', as('mia', 'school--1'), true);
    // The breakout's own moderator lifts it there alone.
    await act('school--1', as('eve', 'school--1'), { action: 'unban', identity: 'ada' });
    expect([bannedIn('school'), bannedIn('school--1')]).toEqual([['ada'], []]);
    await comes('ada', 'school--1', {}, 'school--1');
    await remove('ada', 'school--1', as('eve', 'school--1'), true);
    await act('school', application, { action: 'unban', identity: 'ada' });
    expect([bannedIn('school'), bannedIn('school--1')]).toEqual([[], ['ada']]);
  });

  test('is a stranger at the door of the main room, and moderates there by its token alone', async () => {
    const { comes, move, remove, as, grant, room } = await breakout();
    await comes('ada', 'school');
    await grant('ada', 'school', application, moderator);
    await move('ada', 'school', 'school--1');
    await remove('ada', 'school--1', as('mia', 'school--1'), false);
    room('school').changeSettings({ locked: true }, application);
    await expect(comes('ada', 'school')).rejects.toMatchObject({ code: 'room-locked' });
    room('school').changeSettings({ locked: false }, application);
    expect((await comes('ada', 'school')).participant.grants.moderator).toBe(false);
  });

  test('is the host of the main room no more, where somebody else is in the same moment', async () => {
    const { comes, move, remove, room } = family();
    for (const identity of ['ada', 'bob', 'cleo']) await comes(identity, 'school', {}, 'school', true);
    await move('ada', 'school', 'school--1', {}, true);
    await remove('ada', 'school--1', application, false);
    const hosts = room('school').participants.filter(({ grants }) => grants.moderator);
    expect(hosts.map(({ identity }) => identity)).toEqual(['bob']);
  });

  test('is none of these where the breakout has its own moderator who does it', async () => {
    const { comes, move, remove, as, grant, room, bannedIn } = await breakout();
    await comes('ada', 'school');
    await grant('ada', 'school', application, moderator);
    await move('ada', 'school', 'school--1');
    room('school').changeSettings({ locked: true }, application);
    await remove('ada', 'school--1', as('eve', 'school--1'), true);
    expect([bannedIn('school'), bannedIn('school--1')]).toEqual([[], ['ada']]);
    expect((await comes('ada', 'school')).participant.grants.moderator).toBe(true);
  });
});

test.each(['its own moderator', 'an application that has a say there only'])(
  'who was removed from a breakout may become a host of the main room, also after being there again (%s)',
  async (who) => {
    const { lobby, comes, move, remove, as, person } = await breakout();
    await comes('zoe', 'school', moderator);
    await comes('ada', 'school', {}, 'school', true);
    await move('ada', 'school', 'school--1', {}, true);
    const confined: Actor = { kind: 'application', name: 'Campus', reaches: (room) => room === 'school--1' };
    await remove('ada', 'school--1', who === 'its own moderator' ? as('eve', 'school--1') : confined, false);
    await comes('ada', 'school', {}, 'school', true);
    await move('ada', 'school', 'school--1', {}, true);
    await move('ada', 'school--1', 'school', {}, true);
    person('mia', 'school--1').close('left');
    person('zoe', 'school').close('left');
    lobby.clock.advance(300_000);
    expect(person('ada', 'school').grants.moderator).toBe(true);
  },
);

describe('rights that are changed in a breakout', () => {
  test.each(['school', 'application', 'server'])('are so in the main room (%s)', async (who) => {
    const { comes, move, person, as, grant } = await breakout();
    await comes('ada', 'school', moderator);
    await move('ada', 'school', 'school--1', moderator);
    const by = { school: as('mia', 'school--1'), application, server }[who] ?? application;
    await grant('ada', 'school--1', by, { moderator: false, canChat: false });
    person('ada', 'school--1').close('left');
    const { grants } = (await comes('ada', 'school', moderator)).participant;
    expect(grants).toMatchObject({ moderator: false, canChat: false, canPublish: true });
  });

  test('are no longer those of the host of the main room, where nobody waits for it then', async () => {
    const { comes, move, person, grant } = family();
    const host = true;
    for (const identity of ['ada', 'bob']) await comes(identity, 'school', {}, 'school', host);
    await move('ada', 'school', 'school--1', {}, host);
    await grant('ada', 'school--1', application, { moderator: false });
    expect(person('bob', 'school').grants.moderator).toBe(true);
    person('ada', 'school--1').close('left');
    expect((await comes('ada', 'school', {}, 'school', host)).participant.grants.moderator).toBe(false);
  });

  test('do not come back with somebody over what was decided after that', async () => {
    const { comes, move, person, grant, remove } = await breakout();
    await comes('ada', 'school');
    await move('ada', 'school', 'school--1');
    await grant('ada', 'school--1', application, { moderator: true, canChat: false });
    await move('ada', 'school--1', 'school');
    expect(person('ada', 'school').grants).toMatchObject({ moderator: true, canChat: false });
    await grant('ada', 'school', application, { canChat: true });
    await remove('ada', 'school', application, false);
    await comes('ada', 'school');
    await move('ada', 'school', 'school--1');
    expect(person('ada', 'school--1').grants).toMatchObject({ moderator: false, canChat: true });
  });

  test('nor does a host come back as one who was sent away since', async () => {
    const { comes, move, person, remove } = family();
    for (const name of ['school', 'school--1']) await comes(`somebody in ${name}`, name);
    const host = true;
    await comes('ada', 'school', {}, 'school', host);
    await move('ada', 'school', 'school--1', {}, host);
    expect(person('ada', 'school--1').grants.moderator).toBe(true);
    await move('ada', 'school--1', 'school', {}, host);
    expect(person('ada', 'school').grants.moderator).toBe(true);
    await remove('ada', 'school', application, false);
    await comes('ada', 'school', {}, 'school', host);
    await move('ada', 'school', 'school--1', {}, host);
    expect(person('ada', 'school--1').grants.moderator).toBe(false);
  });
});
