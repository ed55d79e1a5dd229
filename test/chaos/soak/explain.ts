import { pause } from '../pause.ts';
import type { Guest } from '../world/Guest.ts';

const betweenMs = 1000;

/** Whether somebody is still told of that picture. */
export function isTold({ page }: Guest, name: string, source: string): Promise<boolean> {
  return page.evaluate(
    ([who, what]) => {
      const person = [...window.plenum.participants.values()].find(({ displayName }) => displayName === who);
      return [...(person?.publications.values() ?? [])].some((publication) => publication.source === what);
    },
    [name, source],
  );
}

/**
 * What viewer and publisher know of a picture that stands still, twice within a second: from that one can tell whether it
 * is not encoded, not sent, not passed on or not decoded.
 */
export async function explainStill(viewer: Guest, publisher: Guest | undefined, source: string): Promise<string> {
  const look = async () => [
    `  viewer: ${await received(viewer, publisher?.name ?? '', source)}`,
    `  publisher: ${publisher ? await sent(publisher, source) : 'a load client'}`,
  ];
  try {
    const first = await look();
    await pause(betweenMs);
    return [...first, ...(await look())].join('\n');
  } catch (error) {
    return `  (${error instanceof Error ? error.message : error})`;
  }
}

function received({ page }: Guest, name: string, source: string): Promise<string> {
  return page.evaluate(
    async ([who, what]) => {
      const { participants, state } = window.plenum;
      const person = [...participants.values()].find(({ displayName }) => displayName === who);
      const publication = [...(person?.publications.values() ?? [])].find((each) => each.source === what);
      const counts = (await window.chaosGaps.videos())[publication?.track?.id ?? ''];
      return `${state}, ${person?.connection}, ${publication?.status}, ${counts ?? 'no track'}`;
    },
    [name, source],
  );
}

function sent({ page }: Guest, source: string): Promise<string> {
  return page.evaluate(async (what) => {
    const { local, state } = window.plenum;
    const publication = [...(local?.publications.values() ?? [])].find((each) => each.source === what);
    const { track } = publication ?? {};
    const all = await window.chaosGaps.videos();
    const counts = all[track?.id ?? ''] ?? `not sent; there are ${JSON.stringify(all)}`;
    return `${state}, muted ${publication?.muted}, track ${track?.readyState} ${track?.muted ? 'muted' : ''}, ${counts}`;
  }, source);
}
