import type { Room } from '../../../src/client/index.ts';

/** What the page offers to tests: it shows each publication in an element of its own and never calls `setView()`. */
export interface SdkPage {
  readonly room: Room;
  /** What the SDK reported as errors. */
  readonly problems: readonly string[];
  /** By identity, when the first frame of somebody's video was painted: milliseconds after `join()` was called. */
  readonly firstFrames: ReadonlyMap<string, number>;
  join(token: string): Promise<void>;
}

declare global {
  interface Window {
    sdk: SdkPage;
  }
}
