import { z } from 'zod';
import { amount, type OptionDeclaration, text } from './optionShapes.ts';
import { plainRoomSettings, roomSettings } from './protocol/index.ts';

/** Which rooms there are, how they are set up, and how long they stay. */

const settings = text
  .transform((given, context): unknown => {
    try {
      return JSON.parse(given);
    } catch {
      // What the parser says would show a part of it, which may be a key in the wrong place.
      context.addIssue({ code: 'custom', message: 'this is no JSON' });
      return z.NEVER;
    }
  })
  .pipe(roomSettings);

export const roomOptions = {
  roomCreation: {
    schema: z.enum(['join', 'api']).default('join'),
    doc: "Who makes rooms. join: whoever comes first. api: the application's server alone; a join of a room that it has not made is refused with `not-found`.",
    right: 'join or api',
  },
  roomSettings: {
    schema: settings.default(plainRoomSettings),
    doc: 'How rooms are set up, as JSON: those that joins and moves make, and those of the API as far as it does not say otherwise. Like `{"lobby":true,"maxDurationSeconds":3600}`.',
    right: `JSON like {"lobby":true,"maxDurationSeconds":3600}, with any of ${Object.keys(roomSettings.shape).join(', ')}`,
    explains: true,
    shownDefault: 'no limits, lock or lobby',
  },
  emptyRoomTimeout: {
    schema: amount(0, 86_400).default(300),
    doc: 'Seconds that a room which was made by the API waits for its first participant; longer where its settings say so.',
    right: 'seconds from 0 to 86400',
  },
  roomGrace: {
    schema: amount(0, 86_400).default(5),
    doc: 'Seconds that a room stays after its last participant, unless its settings say otherwise.',
    right: 'seconds from 0 to 86400',
  },
} as const satisfies Record<string, OptionDeclaration>;
