import type { Findings } from '../world/Findings.ts';
import type { FuzzRoom } from '../world/Visitor.ts';

/** What is attacked, and where to say what came of it. */
export interface Target {
  url: string;
  /** Of the second listener, for operators. */
  adminUrl: string;
  findings: Findings;
  rooms: readonly [FuzzRoom, FuzzRoom];
  /** Whether the server is not there any more. */
  gone: () => boolean;
}

/** Where those of the media attack are. */
export const mediaRoom = 'fuzz-media';

/** One way in. A batch follows from its seed alone. */
export interface Attack {
  name: string;
  /** Of all messages of a run, from 0 to 1. */
  share: number;
  /** Messages in a batch. */
  batch: number;
  run(seed: number, count: number, target: Target): Promise<void>;
}

/** Does `work` for each item, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, lane: number) => Promise<void>,
) {
  let next = 0;
  const lane = async (number: number) => {
    for (;;) {
      const item = items[next];
      if (next >= items.length || item === undefined) return;
      next += 1;
      await work(item, number);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, number) => lane(number)));
}
