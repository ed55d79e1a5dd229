import { describe, expect, test } from 'vitest';
import { family } from '../../support/family.ts';
import { application } from '../../support/school.ts';

/** What is decided for a main room that has ended, while its people are in breakouts. */

const moderator = { moderator: true };

/** Ada and Mia, who moderates the main room, are in a breakout; nobody has stayed. */
async function dispersed(host = false) {
  const rooms = family();
  const { lobby, comes, move, remove, as, person } = rooms;
  await comes('mia', 'school', moderator);
  await comes('ada', 'school', {}, 'school', host);
  await move('ada', 'school', 'school--1', {}, host);
  await move('mia', 'school', 'school--1', moderator);
  const ends = (name: string) => {
    lobby.clock.advance(5000);
    expect(lobby.registry.find(name)).toBeUndefined();
  };
  ends('school');
  return {
    ...rooms,
    ends,
    /** Mia removes Ada from the breakout. */
    removesAda: (ban: boolean) => remove('ada', 'school--1', as('mia', 'school--1'), ban),
    leaves: (identity: string, name: string) => person(identity, name).close('left'),
    /** Ada comes into the main room, which is made anew. */
    adaComes: async (grants = {}) => (await comes('ada', 'school', grants, 'school', host)).participant,
  };
}

describe('who was in a breakout', () => {
  test('and is banned does not come into the main room either, as long as there is any room of the family', async () => {
    const { lobby, removesAda, adaComes, comes, leaves, ends, bannedIn } = await dispersed();
    await removesAda(true);
    await comes('bob', 'school--2', {}, 'school--2');
    leaves('mia', 'school--1');
    ends('school--1');
    await expect(adaComes()).rejects.toMatchObject({ code: 'forbidden' });
    expect(bannedIn('school')).toEqual(['ada']);
    ends('school');
    await expect(adaComes()).rejects.toMatchObject({ code: 'forbidden' });
    leaves('bob', 'school--2');
    lobby.clock.advance(5000);
    expect(lobby.registry.rooms).toEqual([]);
    expect((await adaComes()).grants.moderator).toBe(false);
  });

  test('comes in again when the ban is lifted in the breakout, or in the main room', async () => {
    const { removesAda, act, as, adaComes, move, ends, bannedIn } = await dispersed();
    await removesAda(true);
    await act('school--1', as('mia', 'school--1'), { action: 'unban', identity: 'ada' });
    await adaComes();
    await move('ada', 'school', 'school--1');
    ends('school');
    await removesAda(true);
    await expect(adaComes()).rejects.toMatchObject({ code: 'forbidden' });
    await act('school', application, { action: 'unban', identity: 'ada' });
    expect([bannedIn('school'), bannedIn('school--1')]).toEqual([[], []]);
    await adaComes();
  });

  test('has there the rights to which they were changed, until the family ends', async () => {
    const { grant, as, leaves, adaComes, ends } = await dispersed();
    await grant('ada', 'school--1', as('mia', 'school--1'), { moderator: false, canChat: false });
    leaves('ada', 'school--1');
    expect((await adaComes(moderator)).grants).toMatchObject({ moderator: false, canChat: false });
    leaves('ada', 'school');
    leaves('mia', 'school--1');
    ends('school');
    ends('school--1');
    expect((await adaComes(moderator)).grants).toMatchObject({ moderator: true, canChat: true });
  });

  test('and is removed is not the host of those who come, as a stranger would be', async () => {
    const { removesAda, leaves, adaComes, comes } = await dispersed(true);
    await removesAda(false);
    await comes('bob', 'school--1', {}, 'school--1');
    leaves('mia', 'school--1');
    expect((await adaComes()).grants.moderator).toBe(false);
    expect((await comes('eve', 'school', {}, 'school', true)).participant.grants.moderator).toBe(true);
  });

  test('stays banned from the main room by a ban of before it ended', async () => {
    const { comes, remove, ends, room } = await dispersed();
    await comes('eve', 'school');
    await remove('eve', 'school', application, true);
    ends('school');
    await expect(comes('eve', 'school')).rejects.toMatchObject({ code: 'forbidden' });
    expect(room('school--1').moderation.standing.bans.told).toEqual([]);
  });

  test('has no moderation any more that was handed to it in a main room that has ended', async () => {
    const { comes, grant, leaves, ends, adaComes } = await dispersed();
    await comes('eve', 'school');
    await grant('eve', 'school', application, { moderator: true, canChat: false });
    leaves('eve', 'school');
    ends('school');
    await adaComes();
    expect((await comes('eve', 'school')).participant.grants).toMatchObject({ moderator: false, canChat: false });
  });
});
