import type { Room } from '../../../src/client/index.ts';

/** What the page offers to tests: it shows each publication in an element of its own and never calls `setView()`. */
export interface SdkPage {
  readonly room: Room;
  /** What the SDK reported as errors. */
  readonly problems: readonly string[];
}

declare global {
  interface Window {
    sdk: SdkPage;
  }
}
