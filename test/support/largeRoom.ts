import type { ParamsInput, Result } from '../../src/protocol/index.ts';
import { fakeMicrophone } from './fakeMedia.ts';
import { newRequestId, type RawClient } from './RawClient.ts';
import type { Joined, Stage } from './stage.ts';

/** Rooms of more people than everybody is told of. */

export const noVideos = { view: { videos: [] } };

/** `person-001` and so on. */
export const nameOf = (number: number) => `person-${String(number).padStart(3, '0')}`;

/** So many people in a room, a few at a time; the first ones publish. */
export async function fill(stage: Stage, room: string, people: number, publishers: number): Promise<Joined[]> {
  const joined: Joined[] = [];
  while (joined.length < people) {
    const next = Array.from({ length: Math.min(25, people - joined.length) }, (_, index) => joined.length + index + 1);
    joined.push(...(await Promise.all(next.map((number) => stage.joined(room, nameOf(number), noVideos)))));
  }
  const publishing = joined.slice(0, publishers);
  await Promise.all(publishing.map((client) => client.request('publish', fakeMicrophone(newRequestId()))));
  return joined;
}

/** All pages of a list, one after the other. */
export async function readAll(
  client: RawClient,
  params: Partial<ParamsInput<'listParticipants'>> = {},
  between: (page: number) => Promise<unknown> = async () => undefined,
): Promise<Result<'listParticipants'>[]> {
  const pages: Result<'listParticipants'>[] = [];
  let after: string | undefined;
  do {
    const page = await client.request('listParticipants', { ...params, ...(after !== undefined && { after }) });
    pages.push(page);
    after = page.next;
    if (after !== undefined) await between(pages.length);
  } while (after !== undefined);
  return pages;
}

export const namesIn = (pages: readonly Result<'listParticipants'>[]) =>
  pages.flatMap(({ participants }) => participants.map(({ identity }) => identity));
