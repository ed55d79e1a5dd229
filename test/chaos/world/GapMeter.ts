import type { Guest } from './Guest.ts';
import type { Received } from './gapPage.ts';

/** How long the picture or the sound of one person stood still for another one. */
export interface Gap {
  kind: 'video' | 'audio';
  viewer: string;
  publisher: string;
  /** Milliseconds; what still lasts counts as long as it has lasted. */
  longestMs: number;
  /** When the longest one ended, milliseconds since 1970; now where it lasts. */
  endedAt: number;
  /** Milliseconds since something came. */
  sinceMs: number;
}

/** Whose gaps are meant: the viewer, and whom they see. */
export type Between = (viewer: string, publisher: string) => boolean;

/** Measures from its start on, in the pages themselves. */
export class GapMeter {
  readonly #guests: () => readonly Guest[];

  static async start(guests: () => readonly Guest[]): Promise<GapMeter> {
    await Promise.all(guests().map(({ page }) => page.evaluate(() => window.chaosGaps.begin())));
    return new GapMeter(guests);
  }

  private constructor(guests: () => readonly Guest[]) {
    this.#guests = guests;
  }

  /** Of everybody for everybody else who is here now. */
  async read(): Promise<Gap[]> {
    return readGaps(this.#guests());
  }

  /** The longest time, in milliseconds, that a picture (or sound) of somebody stood still for somebody. */
  async longest(kind: Gap['kind'] = 'video', between: Between = () => true): Promise<number> {
    const gaps = (await this.read()).filter((gap) => gap.kind === kind && between(gap.viewer, gap.publisher));
    return Math.max(0, ...gaps.map(({ longestMs }) => longestMs));
  }

  /** Which picture stood still for longest, in words. */
  async worst(): Promise<string> {
    const pictures = (await this.read()).filter(({ kind }) => kind === 'video');
    const [worst] = pictures.toSorted((a, b) => b.longestMs - a.longestMs);
    return worst ? `${worst.publisher} as ${worst.viewer} sees` : 'nobody';
  }

  /** When the last of the longest times without pictures ended, milliseconds since 1970. */
  async lastEnd(between: Between = () => true): Promise<number> {
    const gaps = (await this.read()).filter((gap) => gap.kind === 'video' && between(gap.viewer, gap.publisher));
    return Math.max(0, ...gaps.map(({ endedAt }) => endedAt));
  }
}

/** What each person has received from each other one; nothing where nothing has ever come. */
export async function readGaps(guests: readonly Guest[]): Promise<Gap[]> {
  const names = new Set(guests.map(({ name }) => name));
  const all = await Promise.all(
    guests.map(async ({ name: viewer, page }) => {
      const { now, origin, video, audio } = await page.evaluate(() => window.chaosGaps.read());
      return (['video', 'audio'] as const).flatMap((kind) =>
        Object.entries(kind === 'video' ? video : audio)
          .filter(([publisher]) => publisher !== viewer && names.has(publisher))
          .map(([publisher, { last, longest, endedAt }]): Gap => {
            const sinceMs = now - last;
            const lasts = sinceMs > longest;
            return {
              kind,
              viewer,
              publisher,
              longestMs: lasts ? sinceMs : longest,
              endedAt: origin + (lasts ? now : endedAt),
              sinceMs,
            };
          }),
      );
    }),
  );
  return all.flat();
}

/** What one person's receivers have counted so far, by the names of the others. */
export function receivedBy({ page }: Guest): Promise<Record<string, Received>> {
  return page.evaluate(() => window.chaosGaps.read().counts);
}
