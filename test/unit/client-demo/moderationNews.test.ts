import { expect, test } from 'vitest';
import { endingOf } from '../../../client-demo/src/lib/endings.ts';
import { joinFailure } from '../../../client-demo/src/lib/failures.ts';
import { moderationNews } from '../../../client-demo/src/lib/moderationNews.ts';
import { type LocalPublication, type Moderated, PlenumError } from '../../../src/client/index.ts';

const by = { identity: 'mia', displayName: 'Mia' };
const of = (source: string) => ({ source }) as LocalPublication;

test.each<[Moderated['what'], LocalPublication | undefined, RegExp]>([
  ['muted', of('microphone'), /^Mia has muted your microphone$/],
  ['muted', of('camera'), /^Mia has turned your camera off$/],
  ['unpublished', of('screen'), /^Mia has stopped your shared screen$/],
  ['unpublished', undefined, /^Mia has stopped your media$/],
  ['unmute-asked', undefined, /^Mia asks you to unmute$/],
  ['hand-lowered', undefined, /^Mia has lowered your hand$/],
  ['grants-changed', undefined, /^Mia has changed what you may do here$/],
])('%s: it says who and what', (what, publication, text) => {
  expect(moderationNews({ what, publication, by }, undefined).text).toMatch(text);
});

test('who becomes a moderator, or is one no longer, reads just that', () => {
  const event = { what: 'grants-changed', publication: undefined, by } as const;
  expect(moderationNews(event, true).text).toBe('Mia has made you a moderator');
  expect(moderationNews(event, false).text).toBe('Mia has taken moderation away from you');
});

test('who was removed, or saw the meeting end, reads by whom', () => {
  expect(endingOf('removed', 'Mia has removed you from the room')).toMatchObject({
    title: 'You were removed from the meeting',
    help: 'Mia has removed you from the room',
  });
  expect(endingOf('ended', 'Mia has ended the meeting.').help).toBe('Mia has ended the meeting.');
});

test('who is banned reads it at the door, and where the way back ends there', () => {
  const words = { title: 'You may not enter this room', help: expect.stringMatching(/^A moderator keeps you out/) };
  expect(joinFailure(new PlenumError('forbidden', 'no'))).toMatchObject({ code: 'forbidden', ...words });
  expect(endingOf('forbidden', 'no')).toMatchObject(words);
});
