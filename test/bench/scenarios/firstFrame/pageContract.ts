import type { Step } from './page/watch.ts';

/** What the benchmark's page offers to the benchmark, as `window.bench`. Times are milliseconds. */
export interface BenchPage {
  /** TCP and WebSocket alone: what no join can go below. */
  handshake(): Promise<number>;
  /** Connects before the join. */
  prepare(token: string): Promise<void>;
  /** Joins and waits until the first frame of each of so many videos is painted. */
  join(token: string, videos: number): Promise<JoinMeasure>;
  leave(): Promise<void>;
  /** Joins to send camera and microphone; receives nothing unless told so. */
  publishDevices(token: string, options: { width: number; height: number; receives: boolean }): Promise<void>;
}

export interface JoinMeasure {
  /** From `join()` to the first frame of any video, painted. */
  firstMs: number;
  /** From `join()` until each video had its first frame. */
  allMs: number;
  /** Of the first frame, in pixels. */
  width: number;
  /** Names of the requests that went out before the first frame. */
  requests: string[];
  /** From `join()`; not a number where the step was not seen. */
  steps: { step: Step; ms: number }[];
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}
