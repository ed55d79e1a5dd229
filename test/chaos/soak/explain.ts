import { pause } from '../pause.ts';
import type { Guest } from '../world/Guest.ts';

const betweenMs = 1000;

/** Whether somebody is still told of that publication; not, where their page has just closed. */
export async function isTold({ page }: Guest, publicationId: string): Promise<boolean> {
  const looking = page.evaluate(
    (id) => [...window.plenum.participants.values()].some(({ publications }) => publications.has(id)),
    publicationId,
  );
  return looking.catch(() => false);
}

/**
 * What viewer and publisher know of a picture that stands still, twice within a second: from that one can tell whether it
 * is not encoded, not sent, not passed on or not decoded.
 *
 * @param publisher undefined: a load client, or somebody who has left
 */
export async function explainStill(
  viewer: Guest,
  publisher: Guest | undefined,
  publicationId: string,
): Promise<string> {
  const look = async () => [
    `  viewer: ${await received(viewer, publicationId)}`,
    `  publisher: ${publisher ? await sent(publisher, publicationId) : 'no browser'}`,
  ];
  try {
    const first = await look();
    await pause(betweenMs);
    return [...first, ...(await look())].join('\n');
  } catch (error) {
    return `  (${error instanceof Error ? error.message : error})`;
  }
}

function received({ page }: Guest, publicationId: string): Promise<string> {
  return page.evaluate(async (id) => {
    const { participants, state } = window.plenum;
    const person = [...participants.values()].find(({ publications }) => publications.has(id));
    const publication = person?.publications.get(id);
    const counts = (await window.chaosGaps.videos())[publication?.track?.id ?? ''];
    return `${state}, ${person?.connection}, ${publication?.status}, ${counts ?? 'no track'}`;
  }, publicationId);
}

function sent({ page }: Guest, publicationId: string): Promise<string> {
  return page.evaluate(async (wanted) => {
    const { local, state } = window.plenum;
    const publication = [...(local?.publications.values() ?? [])].find((each) => each.publicationId === wanted);
    const { track } = publication ?? {};
    const all = await window.chaosGaps.videos();
    const counts = all[track?.id ?? ''] ?? `not sent; there are ${JSON.stringify(all)}`;
    return `${state}, muted ${publication?.muted}, track ${track?.readyState} ${track?.muted ? 'muted' : ''}, ${counts}`;
  }, publicationId);
}
