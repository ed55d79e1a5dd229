import { expect, test } from 'vitest';
import { z } from 'zod';
import { requests, shapes } from '../../../src/protocol/index.ts';
import { idFields, namings } from '../../fuzz/generate/idFields.ts';

test('every field that holds an id is found, wherever it is', () => {
  expect(idFields(requests.updatePublication.params)).toEqual(['publicationId']);
  expect(idFields(requests.setView.params)).toEqual(['view.videos.publicationId', 'pinned']);
  expect(idFields(requests.startSubscriptions.params)).toEqual(['subscriptionIds']);
  expect(idFields(requests.sendChat.params)).toEqual([]);
  const move = z.strictObject({
    requestId: shapes.requestId,
    who: z.object({ participantId: shapes.id.optional() }).optional(),
    to: z.array(shapes.identity),
  });
  expect(idFields(move)).toEqual(['who.participantId', 'to']);
});

test.each(Object.entries(requests))('%s: params are made around each of its ids', (_name, { params }) => {
  for (const { json } of namings(params, 1)) {
    const text = json('the-id');
    expect(text).toContain('"the-id"');
    expect(params.safeParse(JSON.parse(text)).success).toBe(true);
  }
});

test('where a request does one of several things, each that names something is tried', () => {
  const fields = namings(requests.moderate.params, 1).map(({ field }) => field);
  expect(fields).toContain('moderation.participantId of mute');
  expect(fields).toContain('moderation.participantId of grant');
  expect(fields).toContain('moderation.publicationId of unpublish');
  expect(fields.some((field) => field.endsWith(' of lock'))).toBe(false);
});
