import { z } from 'zod';
import {
  type ApiOperation,
  inRoom,
  jsonBytes,
  noAnswer,
  noBody,
  noQuery,
  ofParticipant,
  pageOf,
  yesOrNo,
} from './apiOperation.ts';
import { grantChanges, grants } from './grants.ts';
import { metadata, mostMetadata, pageCursor, pageQuery, participant, publication, reason } from './shapes.ts';

/** A participant, as the API tells of it. */
export const apiParticipant = participant
  .extend({
    grants: z.object(grants.shape).describe('What it may do now: as its token says, or as it was changed since.'),
    publications: z.array(publication),
  })
  .meta({ id: 'Participant' });

export type ApiParticipant = z.output<typeof apiParticipant>;

const read = { area: 'participants', access: 'read' } as const;
const write = { area: 'participants', access: 'write' } as const;

export const participantOperations = {
  listParticipants: {
    summary: 'List participants',
    doc: 'Everybody in the room, hidden ones included, sorted by name. A cursor holds also when people come and go in between.',
    method: 'GET',
    path: '/rooms/:room/participants',
    right: read,
    // A search goes through everybody in the room.
    weight: 5,
    params: inRoom,
    query: z.strictObject({
      query: pageQuery.optional().describe('Words that name or identity contain, whatever their case and accents.'),
      ...pageOf,
    }),
    body: noBody,
    status: 200,
    answer: z.object({
      participants: z.array(apiParticipant),
      total: z.int().min(0).describe('How many the query finds, on all pages together.'),
      next: pageCursor.optional().describe('Absent on the last page.'),
    }),
    errors: ['not-found'],
  },
  readParticipant: {
    summary: 'Read a participant',
    method: 'GET',
    path: '/rooms/:room/participants/:participantId',
    right: read,
    weight: 1,
    params: ofParticipant,
    query: noQuery,
    body: noBody,
    status: 200,
    answer: apiParticipant,
    errors: ['not-found'],
  },
  updateParticipant: {
    summary: "Change a participant's metadata or rights",
    doc: 'Both hold at once. `metadata` takes the place of what its token says; what it says of itself stays, as far as it has other names. `grants`: what is left out stays, and what may no longer be sent ends. A change holds for the identity as long as the room lives.',
    method: 'PATCH',
    path: '/rooms/:room/participants/:participantId',
    right: write,
    weight: 3,
    params: ofParticipant,
    query: noQuery,
    body: z
      .strictObject({ metadata: metadata.optional(), grants: grantChanges.optional() })
      .refine((body) => Object.keys(body).length > 0, 'there is nothing to change'),
    largeBody: () => mostMetadata.entries * jsonBytes(mostMetadata.name + mostMetadata.text),
    status: 200,
    answer: apiParticipant,
    errors: ['not-found', 'closed'],
  },
  removeParticipant: {
    summary: 'Remove a participant',
    doc: 'Its token opens the room no more.',
    method: 'DELETE',
    path: '/rooms/:room/participants/:participantId',
    right: write,
    weight: 3,
    params: ofParticipant,
    query: z.strictObject({
      ban: yesOrNo
        .default(false)
        .describe('Whether the identity is kept out, whatever its token, as long as the room lives.'),
      reason: reason.optional().describe('What the person reads of it.'),
    }),
    body: noBody,
    status: 204,
    answer: noAnswer,
    errors: ['not-found'],
  },
} as const satisfies Record<string, ApiOperation>;
