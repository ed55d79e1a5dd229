import { describe, expect, test } from 'vitest';
import { Doorstep, names } from '../../support/Doorstep.ts';

describe('where one person may be there several times', () => {
  const open = () => new Doorstep({ duplicateIdentities: 'allow' }).open();
  const twice = async (door: Doorstep) => {
    const visits = [];
    for (const _ of [1, 2]) {
      expect(await door.knock('ada')).toBe('in-lobby');
      visits.push({ link: door.links.get('ada'), place: door.places.get('ada') });
    }
    return visits;
  };

  test('its visits wait together, told once, and come in together', async () => {
    const door = await open();
    const knocks: string[] = [];
    door.registry.on('knocked', (_session, { identity }) => knocks.push(identity));
    const visits = await twice(door);
    door.clock.advance(100);
    expect(names(door.told)).toEqual(['ada']);
    expect(knocks).toEqual(['ada']);
    await door.moderate({ action: 'admit', knockId: door.idOf('ada') });
    for (const { link } of visits) {
      expect(link?.all('removed')).toEqual([]);
      expect(link?.all('admitted')).toHaveLength(1);
      expect(await door.knock('ada')).toBe('in');
    }
  });

  test('one that goes, or is away for too long, leaves the other waiting; all are refused together', async () => {
    const door = await open();
    const [first, second] = await twice(door);
    const knockId = door.idOf('ada');
    first?.place?.leave('left');
    second?.place?.lose();
    // It comes back over another connection, and is one visit still.
    expect(await door.knock('ada')).toBe('in-lobby');
    door.clock.advance(10_000);
    const back = { link: door.links.get('ada'), place: door.places.get('ada') };
    expect(door.told).toMatchObject([{ identity: 'ada', knockId }]);
    const others = await twice(door);
    others[0]?.place?.lose();
    await door.moderate({ action: 'refuse', knockId, ban: false });
    for (const { link } of [back, others[1]].flatMap((each) => each ?? [])) {
      expect(link?.all('removed')).toMatchObject([{ reason: 'refused' }]);
    }
    expect(others[0]?.link?.all('removed')).toEqual([]);
    expect(await door.knock('ada'), 'who was away hears it').toBe('refused');
    expect(await door.knock('ada')).toBe('in-lobby');
  });

  test('the room stays until all who were let in are there, or have gone', async () => {
    const door = await open();
    const visits = await twice(door);
    await door.moderate({ action: 'admit' });
    expect(await door.knock('ada')).toBe('in');
    expect(door.room.door.expects('ada')).toBe(true);
    visits[1]?.place?.leave('left');
    expect(door.room.door.expects('ada')).toBe(false);
  });
});
