import { vi } from 'vitest';
import type { MediaRouter } from '../../src/room/ports.ts';

export interface HeldAnswer {
  /** Resolves when the worker has answered, and nobody has heard of it. */
  readonly reached: Promise<void>;
  /** The answer arrives, and all later ones at once. */
  release(): void;
}

/** Keeps back what a worker answers to one kind of request of a room, as if it were so busy. */
export function holdAnswer(router: MediaRouter, request: 'createTransport' | 'openData'): HeldAnswer {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const keep = async <T>(answer: Promise<T>): Promise<T> => {
    const kept = await answer;
    reach();
    await released;
    return kept;
  };
  if (request === 'openData') {
    const open = router.openData.bind(router);
    vi.spyOn(router, 'openData').mockImplementation((...asked) => keep(open(...asked)));
  } else {
    const create = router.createTransport.bind(router);
    vi.spyOn(router, 'createTransport').mockImplementation((...asked) => keep(create(...asked)));
  }
  return { reached, release };
}
