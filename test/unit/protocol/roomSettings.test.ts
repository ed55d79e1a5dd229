import { describe, expect, test } from 'vitest';
import { changedSettings, plainRoomSettings, roomSettingChanges, roomSettings } from '../../../src/protocol/index.ts';

test('a room of which nothing is said is open to everybody', () => {
  expect(plainRoomSettings).toEqual({ locked: false, lobby: false, screenShare: 'everybody', startMuted: false });
});

describe('a change of settings', () => {
  const settings = roomSettings.parse({ locked: true, maxParticipants: 12, maxDurationSeconds: 3600 });

  test('leaves what it does not name', () => {
    expect(changedSettings(settings, { startMuted: true, locked: undefined })).toEqual({
      ...settings,
      startMuted: true,
    });
    expect(changedSettings(settings, {})).toEqual(settings);
  });

  test('takes a limit away with null', () => {
    const { maxParticipants: _, ...without } = settings;
    expect(changedSettings(settings, { maxParticipants: null, emptyTimeoutSeconds: null })).toEqual(without);
  });

  test.each([
    { maxParticipants: 0 },
    { maxDurationSeconds: 59 },
    { maxDurationSeconds: 604_801 },
    { emptyTimeoutSeconds: -1 },
    { emptyTimeoutSeconds: 86_401 },
    { screenShare: 'nobody' },
    { locked: null },
    { colour: 'red' },
  ])('is refused with %o', (wrong) => {
    expect(roomSettingChanges.safeParse(wrong).success).toBe(false);
    expect(roomSettings.safeParse(wrong).success).toBe(false);
  });
});
